"""An identity provider that vouches for people: OpenID Connect, authorization code with PKCE.

Refused: endpoints over plain HTTP that are not on this machine, redirects, answers without end,
tokens that are unsigned, signed with a shared secret, by another, for another, at another time or
for another journey. Nobody gets a role that the settings do not give.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kanhe.accounts.account import Role
from kanhe.errors import AccountError, UpstreamError
from kanhe.settings_console import OidcSettings, is_this_machine

# Asymmetric ones only: with a shared secret anybody who has ours could write tokens.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
               "ES256", "ES384", "ES512", "Ed25519"]  # fmt: skip
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_LONGEST = 1 << 20
_KEEP_S = 3600.0
_AGAIN_S = 60.0
_LEEWAY_S = 60


@dataclass(frozen=True, slots=True)
class Journey:
    """A browser's way to the provider, and what has to be remembered until it is back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for. `role`: None where the settings give them none."""

    issuer: str
    subject: str
    name: str
    role: Role | None


class Provider:
    """One identity provider.

    Args:
        settings: Which, and what its claims mean.
        clock: Seconds since 1970.
    """

    def __init__(self, settings: OidcSettings, clock: Callable[[], float] = time.time) -> None:
        self.name = settings.name
        self._settings, self._clock = settings, clock
        self._session: aiohttp.ClientSession | None = None
        self._about: dict[str, Any] = {}
        self._about_at = float("-inf")
        self._keys: KeySet | None = None
        self._keys_at = float("-inf")
        self._asking = asyncio.Lock()

    async def aclose(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()

    async def journey(self, redirect: str) -> Journey:
        """Give the address to send a browser to.

        Raises:
            UpstreamError: The provider does not say where its pages are.
        """
        about = await self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        asked = {
            "response_type": "code", "client_id": self._settings.client_id,
            "redirect_uri": redirect, "scope": " ".join(self._settings.scopes),
            "state": state, "nonce": nonce,
            "code_challenge": challenge.rstrip(b"=").decode(), "code_challenge_method": "S256",
        }  # fmt: skip
        where = self._endpoint(about, "authorization_endpoint")
        mark = "&" if "?" in where else "?"
        return Journey(f"{where}{mark}{urlencode(asked)}", state, nonce, verifier)

    async def vouched(self, code: str, redirect: str, journey: Mapping[str, str]) -> Vouched:
        """Give whom the provider vouches for.

        Args:
            code: What the browser brought back.
            redirect: Where it came back to.
            journey: `nonce` and `verifier` of the journey.

        Raises:
            UpstreamError: The provider did not answer as agreed.
            AccountError: What it says is not about this journey, or not true.
        """
        about = await self._discovered()
        token = await self._exchanged(about, code, redirect, journey["verifier"])
        claims = await self._claims(about, str(token.get("id_token", "")), journey["nonce"])
        told = claims
        if self._settings.claim not in claims and "userinfo_endpoint" in about:
            told = await self._told(about, claims["sub"], str(token.get("access_token", "")))
        return Vouched(self._settings.issuer, claims["sub"], _name(claims | told), self._role(told))

    def _role(self, told: Mapping[str, Any]) -> Role | None:
        given = told.get(self._settings.claim, [])
        values = {given} if isinstance(given, str) else set()
        if isinstance(given, list):
            values = {value for value in given if isinstance(value, str)}
        wanted = {role: set(getattr(self._settings, role.value)) for role in Role}
        # In the order in which the roles stand: who is several is the first.
        return next((role for role in Role if values & wanted[role]), None)

    async def _exchanged(
        self, about: Mapping[str, Any], code: str, redirect: str, verifier: str
    ) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect,
                "code_verifier": verifier}  # fmt: skip
        headers = {}
        id_, secret = self._settings.client_id, self._settings.client_secret
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret is None:
            form["client_id"] = id_
        elif "client_secret_basic" in ways:
            # RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
            pair = f"{quote(id_, safe='')}:{quote(secret.reveal(), safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": id_, "client_secret": secret.reveal()}
        where = self._endpoint(about, "token_endpoint")
        return await self._asked("POST", where, data=form, headers=headers)

    async def _told(self, about: Mapping[str, Any], subject: str, access: str) -> dict[str, Any]:
        where = self._endpoint(about, "userinfo_endpoint")
        told = await self._asked("GET", where, headers={"authorization": f"Bearer {access}"})
        # OpenID Connect Core 5.3.2: of another subject it must not be used.
        if told.get("sub") != subject:
            raise _untrue("it tells about somebody else")
        return told

    async def _claims(self, about: Mapping[str, Any], token: str, nonce: str) -> dict[str, Any]:
        """Read an ID token and check it (OpenID Connect Core 3.1.3.7)."""
        try:
            claims = json.loads(await self._verified(about, token))
        except ValueError as error:
            raise _untrue("it is no token") from error
        now = self._clock()
        audience = claims.get("aud")
        ours = audience if isinstance(audience, list) else [audience]
        checks = {
            "its issuer": claims.get("iss") == self._settings.issuer,
            "its audience": self._settings.client_id in ours,
            "its authorized party": claims.get("azp", self._settings.client_id)
            == self._settings.client_id and (len(ours) == 1 or "azp" in claims),
            "its end": _number(claims.get("exp")) > now - _LEEWAY_S,
            "its beginning": 0 < _number(claims.get("iat")) < now + _LEEWAY_S,
            "its nonce": hmac.compare_digest(str(claims.get("nonce", "")), nonce),
            "its subject": isinstance(claims.get("sub"), str) and bool(claims["sub"]),
        }  # fmt: skip
        if wrong := [name for name, good in checks.items() if not good]:
            raise _untrue(f"{' and '.join(wrong)} is not as it should be")
        return dict(claims)

    async def _verified(self, about: Mapping[str, Any], token: str) -> bytes:
        """Give what a token says once its signature is right; look for new keys where it is not."""
        for fresh in (False, True):
            keys = await self._signers(about, fresh=fresh)
            try:
                read = jws.deserialize_compact(token, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError) as error:
                if fresh:
                    raise _untrue("its signature is none of the provider's") from error
                continue
            payload = read.payload
            if payload is not None and payload.lstrip().startswith(b"{"):
                return payload
        raise _untrue("it is no token")

    async def _signers(self, about: Mapping[str, Any], *, fresh: bool) -> KeySet:
        async with self._asking:
            age = self._clock() - self._keys_at
            # At most once a minute: a forged token must not make us call the provider each time.
            if self._keys is None or age > _KEEP_S or (fresh and age > _AGAIN_S):
                told = await self._asked("GET", self._endpoint(about, "jwks_uri"))
                try:
                    self._keys = KeySet.import_key_set(_signing(told))
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise self._broken("its keys cannot be read") from error
                self._keys_at = self._clock()
            return self._keys

    async def _discovered(self) -> dict[str, Any]:
        async with self._asking:
            if self._clock() - self._about_at > _KEEP_S:
                issuer = self._settings.issuer
                where = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                about = await self._asked("GET", where)
                # Discovery 4.3: else one provider could speak for another.
                if about.get("issuer") != issuer:
                    raise self._broken(f"it calls itself {str(about.get('issuer'))[:80]!r}")
                self._about, self._about_at = about, self._clock()
            return self._about

    def _endpoint(self, about: Mapping[str, Any], name: str) -> str:
        where = about.get(name)
        if isinstance(where, str):
            parts = urlsplit(where)
            near = parts.scheme == "http" and is_this_machine(parts.hostname or "")
            if parts.scheme == "https" or near:
                return where
        raise self._broken(f"its {name} is missing, or not https")

    async def _asked(self, method: str, where: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 # aiohttp's
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        given.setdefault("headers", {})["accept"] = "application/json"
        try:
            async with self._session.request(
                method, where, allow_redirects=False, **given
            ) as answer:
                body = await _limited(answer)
                read = json.loads(body) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise self._broken(f"{type(error).__name__} at {where[:120]}") from error
        if not isinstance(read, dict):
            raise self._broken(f"status {answer.status} from {where[:120]}")
        return read

    def _broken(self, what: str) -> UpstreamError:
        return UpstreamError(
            f"the identity provider does not answer as agreed: {what}",
            advice="Check oidc.issuer and the provider's log; accounts with a password still "
            "get in.",
        )


async def _limited(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_chunked(1 << 16):
        body += part
        if len(body) > _LONGEST:
            raise ValueError("the answer has no end")
    return bytes(body)


def _signing(told: Mapping[str, Any]) -> Any:  # noqa: ANN401 # joserfc's own type of a key set
    """Leave out keys that cannot sign for us; one we cannot read must not hide the others."""
    keys = [key for key in told["keys"] if key.get("kty") in ("RSA", "EC", "OKP")
            and key.get("use", "sig") == "sig"]  # fmt: skip
    return {"keys": keys}


def _number(value: object) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _name(told: Mapping[str, Any]) -> str:
    for claim in ("preferred_username", "name", "email", "sub"):
        value = told.get(claim)
        if isinstance(value, str) and value.strip():
            return "".join(filter(str.isprintable, value)).strip()[:64] or "?"
    return "?"


def _untrue(why: str) -> AccountError:
    return AccountError(
        f"what the identity provider sent cannot be trusted: {why}",
        advice="Begin again from the sign-in page; if it stays, compare clocks and oidc.issuer.",
    )
