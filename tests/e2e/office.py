"""A real `kanhe serve` with people who may sign in to its console, and something to look at.

People are written into the accounts beside the running service, as `kanhe account` would: signing
in counts towards the limit of tries, and most tests are about what comes after.
"""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from urllib.parse import urlencode

from served import RULES, Served

from kanhe.accounts import password, totp
from kanhe.accounts.account import Account, Role
from kanhe.accounts.session import Stage, Terms, csrf
from kanhe.adapters.account_store import new_id, open_accounts
from kanhe.adapters.session_store import SessionStore

OBLIGATION, CONTROL = "cn-bsr-5-2-2", "service-statement"
"""A duty of the regime, and what people confirm by signing."""

PASSWORD = "seven herons cross a river"
KEPT = password.hashed(PASSWORD, bytes(16))
HOSTILE = """<script>alert(1)</script><img src=x onerror="alert(2)">'"{{7*7}}\u202e"""
"""What whoever writes a name, a rule or an answer may put into it."""

TITLE = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
OFFICE_RULES = (
    RULES.replace('version: "1"', f'version: "{TITLE[:60]}"')
    + f"""
  - id: hostile
    title: {{zh: "{TITLE}", en: "{TITLE}"}}
    category: A.1.h
    on: [prompt, answer]
    match: {{terms: {{list: ["<img src=x onerror=alert(3)>"]}}}}
    boundary: none
    action: block
    severity: high
    notice: {{zh: "{TITLE}", en: "{TITLE}"}}
    examples: {{match: ["a <img src=x onerror=alert(3)> b"], miss: [an image]}}
"""
)
MODEL = 'up"><script>alert(4)</script>'
CONFIG = """release = "second-person"
object_to = "https://example.org/object?a=1&b=<2>"
[[models]]
name = "up"
base_url = "{url}"
[[models]]
name = 'up"><script>alert(4)</script>'
base_url = "{url}"
upstream_model = "up"
"""


@dataclass
class Person:
    """Somebody with an account: their name, the secret of their app, and the codes used of it."""

    account: str
    name: str
    role: Role
    secret: bytes
    used: list = field(default_factory=list)

    def code(self):
        """A code that was not given before: the clock's step, the one before, the one after."""
        now = totp.step_of(datetime.now(UTC))
        least = max(self.used, default=now - 2) + 1
        assert least <= now + 1, "three codes in half a minute is all that an app gives"
        self.used.append(max(least, now - 1))
        return totp.code(self.secret, self.used[-1])


class Office:
    """The service, its people, and their sessions."""

    def __init__(self, directory, upstream, *, rules=OFFICE_RULES, config=CONFIG):
        self.upstream = upstream
        self.served = Served(directory, rules=rules, config=config.format(url=upstream.url))
        self.accounts = open_accounts(self.served.data)
        self.sessions = SessionStore(self.accounts, Terms())

    @property
    def origin(self):
        return f"http://localhost:{self.served.port}"

    @property
    def home(self):
        return f"{self.origin}/console/"

    def person(self, role=Role.OWNER, name="", *, app=True):
        """Somebody new."""
        account = new_id()
        name = name or f"{role} {account[-6:]}"
        person = Person(account, name, Role(role), account[:20].encode())
        kept = Account(account, person.name, person.role, datetime.now(UTC), "en")
        self.accounts.add(kept)
        self.accounts.set_password(account, KEPT)
        if app:
            self.accounts.set_app(account, person.secret, 0)
        return person

    def session(self, person, stage=Stage.FULL, at=None):
        """The name of a new session of theirs, begun at `at`."""
        return self.sessions.begin(person.account, stage, at or datetime.now(UTC))

    def visitor(self, person=None, **how):
        """Somebody at the console, signed in if a person is given."""
        return Visitor(self, self.session(person, **how) if person else None)

    def close(self):
        self.accounts.close()
        return self.served.stop()


@dataclass
class Answer:
    """What came back. `headers` are as they were sent, in their order."""

    status: int
    headers: list
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    def header(self, name):
        """The value of a header; all of them, if it is there more than once."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


class Visitor:
    """One browser over plain HTTP: its cookie, its token, and requests that may be malformed."""

    _count = count(1)

    def __init__(self, office, token=None):
        self.office, self.token = office, token
        # Each from an address of its own: tries are counted by it.
        at = next(Visitor._count)
        self.address = f"127.0.{1 + at // 250}.{1 + at % 250}"

    @property
    def csrf(self):
        return csrf(self.token) if self.token else ""

    @property
    def headers(self):
        return {"Cookie": f"kanhe_session={self.token}"} if self.token else {}

    def ask(self, path, method="GET", body=None, headers=None, *, host=None):
        """What `path`, which begins at the host's root, gives; nothing is followed."""
        port = self.office.served.port
        at = (self.address, 0)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=at)
        sent = {"Host": host or f"localhost:{port}"} | self.headers | (headers or {})
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            # What flows for ever is not waited for.
            endless = got.getheader("content-type", "").startswith("text/event-stream")
            return Answer(got.status, got.getheaders(), b"" if endless else got.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.ask(f"/console{path}", **more)

    def post(self, path, fields=(), headers=None, *, token=None):
        """Send a form of ours; `token` instead of the right one, "" for none."""
        given = self.csrf if token is None else token
        pairs = list(dict(fields).items()) if isinstance(fields, dict) else list(fields)
        body = urlencode([*pairs, *([("csrf", given)] if given else [])])
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.office.origin}
        return self.ask(f"/console{path}", "POST", body, kind | (headers or {}))

    def keep(self, answer):
        """Take the cookie that an answer sets; give its attributes."""
        found = re.match(r"kanhe_session=([^;]*)(.*)", answer.header("set-cookie"))
        assert found, answer.headers
        self.token = found[1] if found[1].strip('"') else None
        return {one.strip().lower() for one in found[2].split(";") if one.strip()}


def first_step(office, person, token=None, **more):
    """Somebody who comes with `token` gives name and password: who they are, and the answer."""
    visitor = office.visitor()
    visitor.token = token
    given = {"name": person.name, "password": PASSWORD} | more
    return visitor, visitor.post("/sign-in", given)


def signed_in(office, person, **more):
    """Somebody who gives both: who they are, and both answers; the second cookie is not taken."""
    visitor, first = first_step(office, person, **more)
    visitor.keep(first)
    second = visitor.post("/sign-in/second", {"code": person.code()} | more)
    assert second.status == 303, second.text
    return visitor, first, second


def work(office):
    """Send requests that leave something of every kind on the ledger."""
    served, upstream = office.served, office.upstream
    upstream.say("hello", " world")
    assert served.chat("hello", user="anna")[0] == 200
    upstream.say("a shadowword", " and on")
    assert served.chat("say it", user="bert")[0] == 200
    stop(office)
    upstream.say("card 6225889960308247")
    assert served.chat("a card", user="bert")[0] == 200
    for _ in range(3):
        served.chat("一匹蓝色独角兽", user="carl")
    # Suspended by now: turned away, whatever is said.
    served.chat("good morning", user="carl")
    served.chat("see <img src=x onerror=alert(3)> here", user="dora", model=MODEL)


def stop(office):
    """Have one answer stopped."""
    office.upstream.say("so: a forbidden", " kumquat")
    office.served.chat("go on", user="bert", stream=True)
