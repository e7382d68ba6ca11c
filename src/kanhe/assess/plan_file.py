"""The plan of an assessment as people write it; all that is wrong with it at once.

Refused: a key in the file (it names the variable that holds one), an endpoint without TLS other
than on this machine, a bank or a route named twice, a budget of money without prices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from urllib.parse import urlsplit

from kanhe.assess.plan import EMBEDDED, Asking, Budget, Draw, Pace, Parts, Plan, Route, Target
from kanhe.assess.plan_gate import read_gate, read_regression
from kanhe.assess.plan_judging import read_judging
from kanhe.errors import FaultyPlan
from kanhe.terms import Text
from kanhe.yaml_source import Faults, Section, parse

_KEYS = ("id", "title", "regime", "seed", "banks", "targets", "asking", "judging", "robustness",
         "fairness", "privacy", "reliability", "budget", "pace", "every_days", "gate",
         "regression")  # fmt: skip
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_AMOUNT = re.compile(r"[0-9]{1,12}([.][0-9]{1,9})?")
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def read_plan(raw: bytes, file: str) -> Plan:
    """Read a plan.

    Raises:
        FaultyPlan: Something is wrong; it names all of it.
    """
    faults = Faults(file, kind="plan")
    root = parse(raw, faults)
    plan = _plan(root, sha256(raw).hexdigest()) if root else None
    if faults.found or plan is None:
        raise FaultyPlan(faults.found)
    return plan


def _plan(root: Section, digest: str) -> Plan:
    root.allow(_KEYS)
    name = root.text("id", needed=True) or ""
    if name and not _ID.fullmatch(name):
        root.fault("id", f"{name!r} is no id", "Write a-z, 0-9, `-` and `.` only.")
    return Plan(
        name, root.pair("title") or Text(name, name), root.text("regime", needed=True) or "",
        root.number("seed", 1, least=0, most=999_999_999), _draws(root),
        {one.route: one for one in _targets(root)}, _asking(root), read_judging(root), _parts(root),
        _budget(root), _pace(root),
        root.number("every_days", 0, least=1, most=3660) if "every_days" in root else None,
        read_gate(root), read_regression(root), digest,
    )  # fmt: skip


def _draws(root: Section) -> tuple[Draw, ...]:
    found: list[Draw] = []
    for one in root.sections("banks", instead="`- {bank: …, questions: 1000}`"):
        one.allow(("bank", "questions", "each"))
        bank = one.text("bank", needed=True) or ""
        if "questions" not in one:
            one.fault("questions", "`questions` is missing", "Say how many: `questions: 1000`.")
        if bank in [other.bank for other in found]:
            one.fault("bank", f"{bank!r} stands twice", "Draw from each bank once.")
        found.append(Draw(bank, one.number("questions", 0, least=1, most=200_000),
                          one.number("each", 0, least=0, most=10_000)))  # fmt: skip
    if "banks" in root and not found:
        root.fault("banks", "there is no bank", "Write `- {bank: …, questions: 1000}`.")
    return tuple(found)


def _targets(root: Section) -> Iterator[Target]:
    seen: set[Route] = set()
    for one in root.sections("targets", instead="`- {route: gateway, url: …, model: …}`"):
        one.allow(("route", "url", "model", "key_env"))
        if "route" not in one:
            one.fault("route", "`route` is missing", "Write `route: gateway` or `route: model`.")
        route = one.choice("route", Route, Route.GATEWAY)
        if route in seen:
            one.fault("route", f"the route {route} stands twice", "Name one endpoint for each.")
        seen.add(route)
        yield _target(one, route)
    if "targets" in root and not seen:
        root.fault("targets", "there is no target", "Write `- {route: gateway, …}`.")


def _target(one: Section, route: Route) -> Target:
    embedded = one.text("url") == EMBEDDED
    if embedded and route is not Route.MODEL:
        one.fault("url", "the embedded model has no gateway in front of it here",
                  "Start `kanhe serve`, and write its address.")  # fmt: skip
    model = one.text("model", needed=not embedded) or ("smollm2-135m" if embedded else "")
    return Target(route, EMBEDDED if embedded else _url(one), model, _key_env(one))


def _url(one: Section) -> str:
    url = one.text("url", needed=True) or ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if url and (parts.scheme not in ("http", "https") or not host):
        one.fault("url", f"{url!r} is no address", "Write e.g. https://model.example/v1.")
    elif parts.username or parts.password or parts.query:
        one.fault("url", "the address holds a name, a key or a query", "Use `key_env` for the key.")
    elif url and parts.scheme == "http" and host not in _HERE:
        one.fault("url", "keys and answers would go over the wire in the open", "Write https://.")
    return url


def _key_env(one: Section) -> str:
    name = one.text("key_env") or ""
    if name and not _VARIABLE.fullmatch(name):
        # Not repeated: somebody may have written the key itself.
        one.fault("key_env", "`key_env` is no name of a variable", "Write e.g. MODEL_KEY.")
    return name


def _asking(root: Section) -> Asking:
    one = root.section("asking", instead="`{max_tokens: 512, temperature: 0, seed: 1}`")
    if one is None:
        return Asking()
    one.allow(("max_tokens", "temperature", "seed", "system"))
    return Asking(
        one.number("max_tokens", 512, least=1, most=131_072),
        one.fraction("temperature", 0.0, least=0.0, most=2.0),
        one.number("seed", 1, least=0, most=999_999_999), one.text("system") or "",
    )  # fmt: skip


def _parts(root: Section) -> Parts:
    robust = root.section("robustness", instead="`{passed: 100, variants: […]}`")
    again = root.section("reliability", instead="`{items: 50, repeats: 3}`")
    if robust:
        robust.allow(("passed", "variants"))
    if again:
        again.allow(("items", "repeats"))
    variants = robust.texts("variants") if robust else []
    return Parts(
        robust.number("passed", 100, least=0, most=100_000) if robust else 0,
        tuple(line.text for line in variants),
        root.number("fairness", 0, least=0, most=100_000),
        root.number("privacy", 0, least=0, most=100_000),
        again.number("items", 50, least=0, most=100_000) if again else 0,
        again.number("repeats", 3, least=2, most=20) if again else 3,
    )  # fmt: skip


def _budget(root: Section) -> Budget:
    one = root.section("budget", instead='`{tokens: 2000000, money: "50.00", currency: CNY, …}`')
    if one is None:
        return Budget()
    known = ("tokens", "money", "currency", "prompt_price", "completion_price")
    one.allow(known)
    money = _amount(one, "money")
    prices = _amount(one, "prompt_price"), _amount(one, "completion_price")
    if money is not None and None in prices:
        advice = "Write `prompt_price` and `completion_price`, of a million tokens each."
        one.fault("money", "money is bounded, and prices are not told", advice)
    tokens = one.number("tokens", 0, least=1, most=999_999_999) if "tokens" in one else None
    return Budget(tokens, money, one.text("currency") or "", prices[0] or Fraction(0),
                  prices[1] or Fraction(0))  # fmt: skip


def _amount(one: Section, key: str) -> Fraction | None:
    written = one.text(key)
    if written is None:
        return None
    if not _AMOUNT.fullmatch(written):
        one.fault(key, f"{written!r} is no amount", 'Write it in quotes, like "12.50".')
        return None
    return Fraction(written)


def _pace(root: Section) -> Pace:
    one = root.section("pace", instead="`{at_once: 4, retries: 2}`")
    if one is None:
        return Pace()
    one.allow(("at_once", "per_second", "retries", "timeout_s"))
    return Pace(
        one.number("at_once", 4, least=1, most=1000),
        one.fraction("per_second", 0.0, least=0.0, most=100_000.0),
        one.number("retries", 2, least=0, most=20),
        one.fraction("timeout_s", 120.0, least=0.1, most=3600.0),
    )
