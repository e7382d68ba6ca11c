"""What every test stands on: no network beyond this machine, shared data, a client apart."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from needs import absent

ROOT = Path(__file__).parent.parent

# A deadline measures the machine, which is shared, and not the code.
settings.register_profile("kanhe", deadline=None, print_blob=True)
settings.load_profile("kanhe")


def is_local(host: str | bytes) -> bool:
    """Say whether `host`, an address or a name, is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def stay_at_home(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to look up or call another machine: a test must not depend on one."""
    match event, arguments:
        case "socket.connect", (_, (str(host), *_)):
            pass
        case "socket.getaddrinfo", (str(host) | bytes(host), *_):
            pass
        case _:
            return
    if not is_local(host):
        raise PermissionError(f"a test wants to reach {host!r}; tests reach this machine only")


sys.addaudithook(stay_at_home)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public data sets for measuring, which lie beside the checkout and are never copied."""
    place = ROOT.parent / "shared" / "data"
    if not place.is_dir():
        absent("no ../shared/data beside the checkout", "Lay the shared folder there.")
    return place


@pytest.fixture(scope="session")
def litellm_python() -> Path:
    """The Python of the environment in which LiteLLM, as a client, is installed.

    It is apart from ours because it wants an older `openai`. Run it as a subprocess with
    LITELLM_LOCAL_MODEL_COST_MAP=True, or it looks for a price list on the network.
    """
    python = ROOT / ".venv-litellm" / "bin" / "python"
    if not python.exists():
        absent("no .venv-litellm", "`make test` makes it.")
    return python
