"""A real identity provider for the tests: glewlwyd from Debian, made from nothing.

Its database is its own, in a temporary folder. It has one client, us, and people in groups.
"""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from kanhe.terms import Secret
from needs import absent

PROGRAM = "glewlwyd"
TABLES = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
MODULES = "/usr/lib/glewlwyd"
CLIENT = "kanhe"
PASSWORD = "planted-password"
SETTINGS = """
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}"
login_url="login.html"
api_prefix="api"
log_mode="console"
log_level="INFO"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
hash_algorithm="SHA512"
database={{type="sqlite3";path="{folder}/db";}};
"""
GROUPS = {"multiple": True, "read": True, "write": True, "profile-read": True,
          "profile-write": False}  # fmt: skip


class Still(urllib.request.HTTPRedirectHandler):
    """Follow nothing: where a browser is sent is what the test asks about."""

    def redirect_request(self, *_):
        return None


class Visitor:
    """Somebody's browser at the provider."""

    def __init__(self, home):
        self.home = home
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(cookies, Still)

    def ask(self, method, where, body=None):
        """Give status, text and where it leads."""
        data = None if body is None else json.dumps(body).encode()
        where = where if "://" in where else f"{self.home}/api/{where}"
        asked = urllib.request.Request(where, data, method=method)  # noqa: S310 # http, this machine
        asked.add_header("content-type", "application/json")
        try:
            with self.opener.open(asked, timeout=10) as answer:
                return answer.status, answer.read().decode(), answer.headers.get("location", "")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), error.headers.get("location", "")

    def must(self, method, where, body=None):
        status, text, _ = self.ask(method, where, body)
        assert status == 200, (method, where, status, text)


class Glewlwyd:
    """The provider, and its administrator."""

    def __init__(self, home, redirect):
        self.home, self.redirect = home, redirect
        self.issuer = f"{home}/api/oidc"
        self.secret = Secret(secrets.token_urlsafe(24))
        self.admin = Visitor(home)

    def set_up(self):
        self.admin.must("POST", "auth/", {"username": "admin", "password": "password"})
        self.admin.must("POST", "mod/plugin/", self.plugin())
        client = {
            "client_id": CLIENT, "name": CLIENT, "confidential": True, "enabled": True,
            "client_secret": self.secret.reveal(), "scope": ["openid"],
            "redirect_uri": [self.redirect], "authorization_type": ["code"],
            "token_endpoint_auth_method": ["client_secret_basic"],
        }  # fmt: skip
        self.admin.must("POST", "client/", client)

    def plugin(self):
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        claim = {"name": "groups", "user-property": "groups", "type": "string",
                 "on-demand": False, "mandatory": True, "scope": []}  # fmt: skip
        told = {
            "iss": self.issuer, "jwt-type": "ecdsa", "jwt-key-size": "256",
            "key": private.decode(), "cert": public.decode(), "jwks-show": True,
            "auth-type-code-enabled": True, "code-duration": 60, "access-token-duration": 60,
            "refresh-token-duration": 60, "pkce-allowed": True, "pkce-required": True,
            "name-claim": "mandatory", "claims": [claim],
        }  # fmt: skip
        return {"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": told}

    def new_keys(self):
        """Put another key in place of the one that it signs with."""
        plugin = self.plugin()
        self.admin.must("PUT", "mod/plugin/oidc", plugin)
        self.admin.must("PUT", "mod/plugin/oidc/reset")

    def person(self, name, *groups):
        """Give the browser of somebody new, who lets us know who they are."""
        self.admin.must("POST", "user/", {
            "username": name, "name": name, "password": PASSWORD, "enabled": True,
            "scope": ["openid"], "groups": list(groups),
        })  # fmt: skip
        return self.visitor(name)

    def regroup(self, name, *groups):
        self.admin.must("PUT", f"user/{name}", {"name": name, "enabled": True,
                        "scope": ["openid"], "groups": list(groups)})  # fmt: skip

    def visitor(self, name):
        visitor = Visitor(self.home)
        visitor.must("POST", "auth/", {"username": name, "password": PASSWORD})
        visitor.must("PUT", f"auth/grant/{CLIENT}/", {"scope": "openid"})
        return visitor


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def running(folder, redirect):
    """Start it, set it up, and end it again."""
    program = shutil.which(PROGRAM)
    if program is None or not TABLES.exists():
        absent(f"no {PROGRAM}", "apt-get install glewlwyd")
    port = free_port()
    (folder / "conf").write_text(SETTINGS.format(port=port, folder=folder, modules=MODULES))
    with sqlite3.connect(folder / "db") as db:
        db.executescript(TABLES.read_text())
        [[told]] = db.execute("SELECT gumi_parameters FROM g_user_module_instance").fetchall()
        more = json.loads(told)
        more["data-format"]["groups"] = GROUPS
        db.execute("UPDATE g_user_module_instance SET gumi_parameters = ?", (json.dumps(more),))
    db.close()
    command = [program, "-c", str(folder / "conf")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603
    reader = threading.Thread(target=process.stdout.read, daemon=True)
    try:
        _wait(process)
        # Somebody has to go on reading, or it stops when the pipe is full.
        reader.start()
        provider = Glewlwyd(f"http://127.0.0.1:{port}", redirect)
        provider.set_up()
        yield provider
    finally:
        # Not SIGTERM: it is lost where it comes before the main thread begins to wait for it.
        process.kill()
        process.wait()
        if reader.is_alive():
            reader.join()
        process.stdout.close()


def _wait(process):
    """Read what it says until it listens."""
    said = b""
    for line in process.stdout:
        said += line
        if b"started on port" in line:
            return
    raise AssertionError(f"{PROGRAM} ended: {said.decode()}")
