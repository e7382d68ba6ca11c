"""Signing in through an identity provider: a real one, and one that lies."""

import asyncio
import base64
import hashlib
import json
import time
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from joserfc import jwk, jwt

from gates import HOME, House
from kanhe.accounts.account import Role
from kanhe.adapters.oidc import Provider
from kanhe.errors import AccountError, UpstreamError
from kanhe.settings_console import OidcSettings
from kanhe.terms import Secret
from provider import CLIENT, running

REDIRECT = f"{HOME}/console/oidc/callback"


@pytest.fixture(scope="module")
def glewlwyd(tmp_path_factory):
    with running(tmp_path_factory.mktemp("glewlwyd"), REDIRECT) as provider:
        yield provider


@pytest.fixture
def house(glewlwyd, tmp_path):
    settings = OidcSettings(
        issuer=glewlwyd.issuer, client_id=CLIENT, client_secret=glewlwyd.secret,
        scopes=("openid",), owner=("chiefs",), reviewer=("guards",),
    )  # fmt: skip
    made = House(tmp_path, url=HOME, provider=Provider(settings))
    yield made
    made.close()


@contextmanager
def browsing(house):
    """One browser, with one event loop for all its requests, as the service has."""
    browser = house.browser()
    with browser.client:
        yield browser
        browser.client.portal.call(house.guard.provider.aclose)


def journey(browser, visitor, path=""):
    """Go to the provider, let it send the browser back, and give where to."""
    sent = browser.get(f"/oidc/start?next={path}")
    assert sent.status_code == 303, sent.text
    # The provider's own page adds this once somebody has said yes.
    status, text, back = visitor.ask("GET", f"{sent.headers['location']}&g_continue")
    assert status == 302, text
    assert back.startswith(REDIRECT)
    return back.removeprefix(f"{HOME}/console")


def test_who_is_in_a_group_gets_its_role_and_no_other(house, glewlwyd):
    visitor = glewlwyd.person("bo", "guards", "others")
    with browsing(house) as browser:
        back = browser.get(journey(browser, visitor, "/console/decisions"))
        assert back.headers["location"] == "/console/decisions"
        assert browser.get("/decisions").status_code == 200
        assert "identity provider vouches" in browser.get("/account").text
        assert browser.get("/enrol").headers["location"] == "/console/sign-in"
    [person] = house.accounts.all()
    assert (person.name, person.role) == ("bo", Role.REVIEWER)
    facts = {"account": person.id, "role": "reviewer", "by": "oidc"}
    assert house.entries == [("added", facts), ("signed-in", facts)]


def test_who_is_in_no_group_of_ours_stays_out(house, glewlwyd):
    visitor = glewlwyd.person("eve", "others")
    with browsing(house) as browser:
        assert browser.get(journey(browser, visitor)).status_code == 403
        assert browser.get("/decisions").status_code == 303
    assert house.accounts.all() == ()
    assert house.entries[0][0] == "refused"


def test_a_role_that_changed_there_changes_here(house, glewlwyd):
    glewlwyd.person("chief", "chiefs")
    visitor = glewlwyd.person("cleo", "chiefs")
    with browsing(house) as browser:
        browser.get(journey(browser, glewlwyd.visitor("chief")))
        browser.get(journey(browser, visitor))
        glewlwyd.regroup("cleo", "guards")
        browser.get(journey(browser, visitor))
    assert house.accounts.named("cleo").role is Role.REVIEWER
    assert [tag for tag, _ in house.entries][-2:] == ["changed", "signed-in"]


def test_who_is_shut_out_here_stays_out_whatever_the_provider_says(house, glewlwyd):
    house.person()
    visitor = glewlwyd.person("dan", "guards")
    with browsing(house) as browser:
        browser.get(journey(browser, visitor))
        house.accounts.set_disabled(house.accounts.named("dan").id, disabled=True)
        assert browser.get(journey(browser, visitor)).status_code == 403


def test_a_provider_s_name_does_not_stand_for_an_account_here(house, glewlwyd):
    here = house.person(name="finn")
    visitor = glewlwyd.person("finn", "guards")
    with browsing(house) as browser:
        browser.get(journey(browser, visitor))
    assert house.accounts.named("finn") == here
    assert house.accounts.named("finn (2)").role is Role.REVIEWER


def test_a_way_back_counts_once_and_only_where_it_began(house, glewlwyd):
    visitor = glewlwyd.person("gil", "guards")
    with browsing(house) as browser:
        back = journey(browser, visitor)
        state = parse_qs(urlsplit(back).query)["state"][0]
        begun = browser.client.cookies.get("kanhe_oidc")
        assert begun == state
        browser.client.cookies.delete("kanhe_oidc")
        assert browser.get(back).status_code == 403, "another browser"
        browser.client.cookies.set("kanhe_oidc", begun, path="/console/")
        assert browser.get(back).status_code == 303
        browser.client.cookies.set("kanhe_oidc", begun, path="/console/")
        assert browser.get(back).status_code == 403, "again"


def test_a_way_back_is_good_for_ten_minutes(house, glewlwyd):
    visitor = glewlwyd.person("hal", "guards")
    with browsing(house) as browser:
        back = journey(browser, visitor)
        house.later(minutes=10)
        assert browser.get(back).status_code == 403


def test_a_code_of_another_s_is_refused_by_the_provider(house, glewlwyd):
    """PKCE: who slips their own code into our journey has not its verifier."""
    visitor = glewlwyd.person("ida", "guards")
    with browsing(house) as browser:
        stolen = parse_qs(urlsplit(journey(browser, visitor)).query)["code"][0]
        back = journey(browser, visitor)
        ours = parse_qs(urlsplit(back).query)["code"][0]
        assert browser.get(back.replace(ours, stolen)).status_code == 502
        assert browser.get("/decisions").status_code == 303


def test_new_keys_of_the_provider_are_looked_up(house, glewlwyd):
    visitor = glewlwyd.person("jo", "guards")
    clock = [time.time()]
    house.guard.provider._clock = lambda: clock[0]
    with browsing(house) as browser:
        assert browser.get(journey(browser, visitor)).status_code == 303
        glewlwyd.new_keys()
        clock[0] += 61
        assert browser.get(journey(browser, visitor)).status_code == 303


def test_a_journey_that_the_person_broke_off_is_told(house):
    with browsing(house) as browser:
        assert browser.get("/oidc/start").status_code == 303
        state = browser.client.cookies.get("kanhe_oidc")
        assert browser.get(f"/oidc/callback?state={state}&error=access_denied").status_code == 403


def test_without_a_provider_there_is_no_way_to_one(tmp_path):
    house = House(tmp_path)
    assert house.browser().get("/oidc/start").status_code == 404
    assert house.browser().get("/oidc/callback?state=a&code=b").status_code == 404
    assert "OpenID" not in house.browser().get("/sign-in").text
    house.close()


class Liar:
    """A provider that says what the test wants it to say."""

    def __init__(self):
        self.key = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.stranger = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.claims, self.header, self.signer, self.about = {}, {"alg": "ES256"}, self.key, {}
        self.told = {"sub": "s", "groups": ["chiefs"]}
        self.token = None
        self.asked = []

    @asynccontextmanager
    async def serving(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.home = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        settings = OidcSettings(
            issuer=self.home, client_id="us", client_secret=Secret("planted"), owner=("chiefs",)
        )
        provider = Provider(settings)
        try:
            yield provider
        finally:
            await provider.aclose()
            await runner.cleanup()

    async def answer(self, request):
        self.asked.append(request.path)
        match request.path:
            case "/.well-known/openid-configuration":
                return web.json_response({
                    "issuer": self.home, "authorization_endpoint": f"{self.home}/go?a=b",
                    "token_endpoint": f"{self.home}/token", "jwks_uri": f"{self.home}/keys",
                    "userinfo_endpoint": f"{self.home}/me",
                } | self.about)  # fmt: skip
            case "/keys":
                odd = {"kty": "XYZ", "kid": "odd"}
                return web.json_response({"keys": [odd, self.key.as_dict(private=False)]})
            case "/token":
                return web.json_response({"id_token": self.made(), "access_token": "t"})
            case "/me":
                return web.json_response(self.told)
            case "/endless":
                return web.Response(body=b"[" * (2 << 20))
            case "/moved":
                raise web.HTTPFound(f"{self.home}/token")
        raise web.HTTPNotFound

    def made(self):
        if self.token is not None:
            return self.token
        now = int(time.time())
        claims = {"iss": self.home, "aud": "us", "sub": "s", "exp": now + 60, "iat": now,
                  "nonce": "n", "groups": ["chiefs"]}  # fmt: skip
        said = {name: value for name, value in (claims | self.claims).items() if value != "none"}
        return jwt.encode(self.header | {"kid": "one"}, said, self.signer)

    async def vouched(self):
        async with self.serving() as provider:
            held = {"nonce": "n", "verifier": "v"}
            return await provider.vouched("code", REDIRECT, held)


def told(liar):
    return asyncio.run(liar.vouched())


def test_what_is_right_is_believed():
    assert told(Liar()).role is Role.OWNER


def test_a_claim_that_is_not_in_the_token_is_asked_for():
    liar = Liar()
    liar.claims = {"groups": "none"}
    assert told(liar).role is Role.OWNER
    assert "/me" in liar.asked


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:1"}, {"aud": "others"}, {"aud": ["others"]},
        {"aud": ["us", "others"]}, {"aud": ["us", "others"], "azp": "others"}, {"azp": "others"},
        {"aud": "none"}, {"exp": int(time.time()) - 120}, {"exp": "none"}, {"exp": True},
        {"iat": int(time.time()) + 3600}, {"iat": "none"}, {"nonce": "m"}, {"nonce": "none"},
        {"sub": ""}, {"sub": 3}, {"sub": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_not_about_this_journey_is_not_believed(claims):
    liar = Liar()
    liar.claims = claims
    with pytest.raises(AccountError, match="cannot be trusted"):
        told(liar)


def test_a_token_signed_by_a_stranger_is_not_believed():
    liar = Liar()
    liar.signer = liar.stranger
    with pytest.raises(AccountError, match="signature"):
        told(liar)


def plain(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("token", ["", "a.b.c", "..", "none", "é", "shared"])
def test_a_token_without_a_good_signature_is_not_believed(token):
    liar = Liar()
    claims = plain({"iss": "x", "sub": "s"})
    liar.token = token
    if token == "none":
        liar.token = f"{plain({'alg': 'none'})}.{claims}."
    if token == "shared":
        # Signed with what everybody knows of us: the secret, as if it were the key.
        body = f"{plain({'alg': 'HS256', 'kid': 'one'})}.{claims}"
        mark = hashlib.sha256(body.encode()).digest()
        liar.token = f"{body}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"
    with pytest.raises(AccountError, match="cannot be trusted"):
        told(liar)


def test_news_about_somebody_else_is_not_believed():
    liar = Liar()
    liar.claims, liar.told = {"groups": "none"}, {"sub": "another", "groups": ["chiefs"]}
    with pytest.raises(AccountError, match="somebody else"):
        told(liar)


@pytest.mark.parametrize(
    "groups", [[], "others", ["others"], {"chiefs": 1}, [["chiefs"]], None, 3], ids=str
)
def test_who_is_nothing_here_gets_no_role(groups):
    liar = Liar()
    liar.claims = {"groups": groups}
    assert told(liar).role is None


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "http://127.0.0.1:1"}, {"token_endpoint": "http://example.org/token"},
        {"token_endpoint": None}, {"jwks_uri": "file:///etc/passwd"}, {"token_endpoint": 3},
    ],
    ids=str,
)  # fmt: skip
def test_a_provider_that_is_not_who_it_was_is_not_asked(about):
    liar = Liar()
    liar.about = about
    with pytest.raises(UpstreamError):
        told(liar)


@pytest.mark.parametrize("path", ["/endless", "/moved", "/nowhere"])
def test_an_endpoint_that_does_not_answer_as_agreed_is_told(path):
    async def ask(liar):
        async with liar.serving() as provider:
            liar.about = {"token_endpoint": f"{liar.home}{path}"}
            await provider.vouched("code", REDIRECT, {"nonce": "n", "verifier": "v"})

    with pytest.raises(UpstreamError):
        asyncio.run(ask(Liar()))


def test_forged_tokens_do_not_make_us_call_for_keys_each_time():
    async def ask(liar):
        liar.signer = liar.stranger
        async with liar.serving() as provider:
            for _ in range(5):
                with pytest.raises(AccountError):
                    await provider.vouched("c", REDIRECT, {"nonce": "n", "verifier": "v"})
        return liar.asked.count("/keys")

    assert asyncio.run(ask(Liar())) == 1


def test_every_journey_has_its_own_state_nonce_and_verifier():
    async def go():
        async with Liar().serving() as provider:
            return [await provider.journey(REDIRECT) for _ in range(2)]

    one, two = asyncio.run(go())
    asked = parse_qs(urlsplit(one.url).query)
    digest = hashlib.sha256(one.verifier.encode()).digest()
    assert asked["code_challenge"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["a"] == ["b"]
    assert {one.state, one.nonce, one.verifier}.isdisjoint({two.state, two.nonce, two.verifier})
    assert one.verifier not in one.url
