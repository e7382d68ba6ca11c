"""The settings: which place wins, what is refused, and that a secret is never shown."""

from dataclasses import fields
from pathlib import Path

import pytest

from kanhe.errors import FaultySettings, SettingsError
from kanhe.settings import Limits, Settings, cache_folder, read_data, read_settings
from kanhe.settings_console import ConsoleSettings, OidcSettings
from kanhe.settings_models import ModelSettings
from kanhe.terms import Secret


@pytest.fixture
def read(tmp_path):
    """Read settings from a file's text, variables and options, in a folder of their own."""

    def with_(toml=None, environ=None, **options):
        if toml is not None:
            (tmp_path / "kanhe.toml").write_text(toml, encoding="utf-8")
        return read_settings(options, environ=environ or {}, folder=tmp_path)

    return with_


def faults(read, *given, **options):
    with pytest.raises(FaultySettings) as caught:
        read(*given, **options)
    return caught.value.faults


def test_with_nothing_given_the_defaults_hold(read):
    settings = read()
    assert settings == Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.rulesets == ("baseline",)
    assert settings.models == ()
    assert settings.limits.body_bytes == 4 * 1024 * 1024


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(read):
    toml = 'port = 1\nhost = "file"\nlanguage = "zh"'
    settings = read(toml, {"KANHE_PORT": "2", "KANHE_HOST": "variable"}, port="3")
    assert (settings.port, settings.host, settings.language) == (3, "variable", "zh")


def test_an_option_that_was_not_given_hides_nothing(read):
    settings = read("port = 1", None, port=None, rulesets=(), host="")
    assert (settings.port, settings.rulesets) == (1, ("baseline",))


def test_the_file_can_be_named_by_option_or_variable(tmp_path):
    (tmp_path / "a.toml").write_text("port = 1")
    (tmp_path / "b.toml").write_text("port = 2")
    environ = {"KANHE_CONFIG": "b.toml"}
    assert read_settings(environ=environ, folder=tmp_path).port == 2
    named = read_settings(config=Path("a.toml"), environ=environ, folder=tmp_path)
    assert named.port == 1


def test_a_named_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match=r"no\.toml cannot be read: No such file"):
        read_settings(config=Path("no.toml"), environ={}, folder=tmp_path)


def test_the_environment_of_the_process_is_read_where_none_is_given(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KANHE_PORT", "4242")
    assert read_settings().port == 4242


def test_paths_are_relative_to_the_file_they_stand_in(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "kanhe.toml").write_text(
        'data = "data"\nrulesets = ["baseline", "ours.yaml", "/abs.yaml"]'
    )
    settings = read_settings(
        {"data": "here"}, config=Path("etc/kanhe.toml"), environ={}, folder=tmp_path
    )
    assert settings.data == tmp_path / "here"
    ours = tmp_path / "etc" / "ours.yaml"
    assert settings.rulesets == ("baseline", ours, Path("/abs.yaml"))


def test_all_faults_are_told_at_once_with_place_and_advice(read, tmp_path):
    toml = (
        'prot = 3\nhost = ""\n\n[limits]\nturns = "x"\n\n[[models]]\nname = "a"\nbase_url = "x"\n'
    )
    found = faults(read, toml, {"KANHE_STRIKES": "maybe"}, port="99999")
    lines = [str(fault).replace(f"{tmp_path}/", "") for fault in found]
    assert {line.partition("\n")[0] for line in lines} == {
        "kanhe.toml:1: prot: there is no such setting",
        "--port: port: '99999' is no whole number in its range",
        "kanhe.toml:2: host: '' is no text",
        "KANHE_STRIKES: strikes: 'maybe' is neither on nor off",
        "kanhe.toml:5: limits.turns: 'x' is no whole number in its range",
        "kanhe.toml:9: models[0].base_url: this is no plain http:// or https:// address",
    }
    assert "Did you mean `port`?" in lines[0]
    assert len(found) == 6


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("port = true", "no whole number"),
        ("port = 1.5", "no whole number"),
        ('port = "1e3"', "no whole number"),
        ("port = -1", "no whole number"),
        ("strikes = 2", "neither on nor off"),
        ('language = "fr"', "none of its values"),
        ("language = 1", "none of its values"),
        ('label = "middle"', "none of its values"),
        ("rulesets = []", "no list"),
        ("rulesets = [1]", "no path"),
        ('user_header = "a b"', "no name of a header"),
        ('producer = "某公司"', "cannot hold"),
        ("[limits]\nanswer_s = 0", "no time in seconds"),
        ("[limits]\nanswer_s = nan", "no time in seconds"),
        ("[limits]\nanswer_s = inf", "no time in seconds"),
        ("limits = 3", "this is no table"),
        ('[console]\nurl = "https://a/b"', "has a path"),
        ('[oidc]\nissuer = "http://example.org"', "could be anybody"),
        ('[oidc]\nissuer = "https://example.org"', "client_id: it is not set"),
        ("[port]\nx = 1", "a table, and no value"),
        ("models = 3", "no list of tables"),
        ("[models]\nname = 'a'", "no list of tables"),
        ('app_keys = ["k"]', "do not stand in a file"),
        ("port = ", "no TOML"),
        ("port = 1\nport = 2", "no TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused(read, toml, told):
    assert told in str(faults(read, toml)[0])


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "kanhe.toml").write_bytes(b"host = '\xff'")
    with pytest.raises(FaultySettings, match="no TOML"):
        read_settings(environ={}, folder=tmp_path)


def test_a_variable_that_nearly_bears_a_name_is_refused_and_others_are_left_alone(read):
    environ = {"KANHE_BLOCKED_PROMT": "error", "KANHE_KEY": "k", "KANHE_SERVICE_HOST": "h"}
    (fault,) = faults(read, None, environ)
    assert fault.where == "KANHE_BLOCKED_PROMT"
    assert "KANHE_BLOCKED_PROMPT" in fault.advice


def test_upstream_and_model_make_one_model_and_replace_those_of_the_file(read):
    toml = '[[models]]\nname = "a"\nbase_url = "http://a/v1"'
    environ = {"KANHE_UPSTREAM_KEY": "sk-1"}
    (model,) = read(toml, environ, upstream="http://b/v1/", model="b").models
    assert model == ModelSettings("b", "http://b/v1", "b", Secret("sk-1"))
    environ |= {"KANHE_UPSTREAM": "http://c", "KANHE_MODEL": "c"}
    assert [model.name for model in read(None, environ).models] == ["c"]


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"KANHE_UPSTREAM": "http://b/v1"}, "not said which model"),
        ({"KANHE_MODEL": "b"}, "no upstream"),
        ({"KANHE_UPSTREAM_KEY": "sk-secret"}, "no upstream"),
    ],
)
def test_half_a_model_is_refused(read, environ, told):
    (fault,) = faults(read, None, environ)
    assert told in str(fault)
    assert "sk-secret" not in str(fault)


def test_a_models_key_comes_from_its_variable_or_its_file(read, tmp_path):
    (tmp_path / "key").write_text("sk-2\n")
    toml = """
[[models]]
name = "a"
base_url = "http://a/v1"
api_key_env = "KANHE_UPSTREAM_KEYS"
upstream_model = "a-large"
retries = 0

[[models]]
name = "b"
base_url = "https://b:8443/v1"
api_key_file = "key"
"""
    settings = read(toml, {"KANHE_UPSTREAM_KEYS": "sk-1"}, default_model="b")
    a, b = settings.models
    assert (a.api_key, a.upstream_model, a.retries) == (Secret("sk-1"), "a-large", 0)
    assert (b.api_key, b.upstream_model) == (Secret("sk-2"), "b")
    assert "sk-1" not in repr(settings)


MODEL = '[[models]]\nname = "a"\nbase_url = "http://a/v1"\n'


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        (MODEL + 'api_key_env = "NOT_SET"', "NOT_SET is not set"),
        (MODEL + 'api_key_file = "nowhere"', "cannot be read: No such file"),
        (MODEL + 'api_key = "a"\napi_key_env = "B"', "both api_key and api_key_env"),
        (MODEL + 'api_key = "sk secret"', "this is no key"),
        (MODEL + "api_key = 7", "this is no key"),
        (MODEL + 'nmae = "b"', "no such setting"),
        (MODEL + MODEL, "several models named 'a'"),
        ('[[models]]\nname = "a"', "it is missing"),
        ("models = [3]", "no list of tables"),
        ('default_model = "b"\n' + MODEL, "there is no model 'b'"),
    ],
)
def test_a_faulty_model_is_refused(read, toml, told):
    found = faults(read, toml)
    assert told in "\n".join(map(str, found))


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://:80/k", "http://k@x/v1", "http://x?key=k", "x", "http://[x"]
)
def test_an_address_that_may_hold_a_key_is_refused_and_not_repeated(read, url):
    (fault,) = faults(read, f'[[models]]\nname = "a"\nbase_url = "{url}"')
    assert url not in fault.what


def test_keys_of_applications_come_from_option_or_variable(read):
    assert read(app_keys=("k1", "k2")).app_keys == (Secret("k1"), Secret("k2"))
    assert read(None, {"KANHE_APP_KEYS": "k1, k2"}).app_keys == (Secret("k1"), Secret("k2"))


def test_every_setting_says_what_it_means_and_has_a_variable_of_its_own():
    tables = {"limits", "console", "oidc", "webhooks"}
    for record in (Settings, Limits, ConsoleSettings, OidcSettings):
        told = {one.name: one.metadata for one in fields(record) if one.name not in tables}
        assert all(meta["help"].endswith(".") for meta in told.values())
        variables = [meta["env"] for meta in told.values()]
        assert len(set(variables)) == len(variables)
        assert all(variable.startswith("KANHE_") for variable in variables)


@pytest.mark.parametrize(
    ("variable", "written", "path", "meant"),
    [
        ("KANHE_DATA", "d", "data", Path("d")),
        ("KANHE_RULESETS", "baseline, a.yaml", "rulesets", ("baseline", Path("a.yaml"))),
        ("KANHE_STRIKES", "Off", "strikes", False),
        ("KANHE_LABEL", "header", "label", "header"),
        ("KANHE_LIMITS_BODY_BYTES", "2048", "limits.body_bytes", 2048),
        ("KANHE_CONSOLE_ENABLED", "off", "console.enabled", False),
        ("KANHE_CONSOLE_URL", "https://K.Example.org/", "console.url", "https://k.example.org"),
        ("KANHE_OIDC_OWNER", "a, b", "oidc.owner", ("a", "b")),
        ("KANHE_LIMITS_REQUEST_S", "1.5", "limits.request_s", 1.5),
        ("KANHE_LEDGER_NAME", "a.example/log", "ledger_name", "a.example/log"),
    ],
)
def test_a_variable_sets_its_setting(variable, written, path, meant):
    settings = read_settings(environ={variable: written}, folder=Path())
    for part in path.split("."):
        settings = getattr(settings, part)
    assert settings == meant


def test_where_the_data_lies_can_be_read_though_a_models_key_is_missing(tmp_path):
    (tmp_path / "kanhe.toml").write_text('data = "d"\n' + MODEL + 'api_key_env = "NOT_SET"')
    assert read_data(None, environ={}, folder=tmp_path) == tmp_path / "d"
    assert read_data(Path("/x"), environ={}, folder=tmp_path) == Path("/x")
    environ = {"KANHE_DATA": "v"}
    assert read_data(None, environ=environ, folder=tmp_path) == tmp_path / "v"
    (tmp_path / "kanhe.toml").write_text("data = 3")
    with pytest.raises(FaultySettings, match="no path"):
        read_data(None, environ={}, folder=tmp_path)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[limits]\nanswer_s = 'soon'", "no time in seconds"),
        ("data = ''", "no path"),
        ("host = 3", "no text"),
        ('[[models]]\nname = "a"\nbase_url = "http://[::1"', "no plain http"),
        ('[[models]]\nname = "a"\nbase_url = "http://a:99999"', "no plain http"),
    ],
)
def test_what_is_written_wrongly_is_told(read, toml, told):
    assert told in "\n".join(map(str, faults(read, toml)))


def test_a_header_is_looked_up_in_lower_case(read):
    assert read('user_header = "X-User"').user_header == "x-user"


def test_a_key_file_that_is_no_text_is_refused(read, tmp_path):
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    (fault,) = faults(read, MODEL + 'api_key_file = "key"')
    assert "it is no text" in fault.what


def test_what_is_unpacked_lies_with_the_data_and_else_with_the_user(tmp_path):
    """Planted: 66 MB in ./kanhe-data of whatever folder a text was tried in."""
    data, home = tmp_path / "kanhe-data", {"HOME": "/home/somebody"}
    assert cache_folder(data, home) == Path("/home/somebody/.cache/kanhe")
    assert cache_folder(data, home | {"XDG_CACHE_HOME": "/c"}) == Path("/c/kanhe")
    assert cache_folder(data, home | {"XDG_CACHE_HOME": "c"}) == Path("/home/somebody/.cache/kanhe")
    assert cache_folder(data, {}) == data / "cache"
    data.mkdir()
    assert cache_folder(data, home) == data / "cache"
