"""From where a request may come: hosts, origins, and the paths it may be sent on to.

Pure decisions. A name that is not ours is refused, since somebody may have pointed it at this
machine (DNS rebinding); an IP address cannot be pointed elsewhere. A request that changes something
has to come from a page of ours, and a browser has to say so.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from kanhe.accounts.passkey import Site


@dataclass(frozen=True, slots=True)
class Own:
    """The address of this service as its settings give it; empty: none."""

    url: str = ""

    @property
    def secure(self) -> bool:
        """Say whether browsers come over HTTPS."""
        return self.url.startswith("https://")

    def origin(self, host: str) -> str | None:
        """Give the origin of our pages for a `Host` header; None where that host is not ours."""
        named = _host_of(host)
        if named is None:
            return None
        if self.url and host.lower() == urlsplit(self.url).netloc:
            return self.url
        # Pages meant for HTTPS are not given over anything else, but to the machine itself.
        if self.secure and not _is_this_machine(named):
            return None
        return f"http://{host.lower()}" if named == "localhost" or _is_address(named) else None

    def site(self, host: str) -> Site | None:
        """Give where passkeys are good for this host; None where browsers allow none."""
        origin, name = self.origin(host), _host_of(host)
        if origin is None or name is None or _is_address(name):
            return None
        good = origin.startswith("https://") or name == "localhost"
        return Site(name, origin) if good else None


def comes_from_ours(ours: str, origin: str | None, fetched: str | None) -> bool:
    """Say whether a request that changes something comes from a page of our own origin.

    Args:
        ours: Our origin.
        origin: Its `Origin`; every browser sends one with a POST.
        fetched: Its `Sec-Fetch-Site`; only over HTTPS or on the machine itself.
    """
    if origin is None and fetched is None:
        return False
    return origin in (None, ours) and fetched in (None, "same-origin")


def safe_path(path: str, root: str) -> str:
    """Give `path` where it is a page below `root` on this very host, else the first page."""
    home = f"{root}/"
    # Browsers read "\" as "/" and drop tabs and line ends: "/\host" leads elsewhere, too.
    plain = path.isascii() and path.isprintable() and not set(path) & set('\\ "<>')
    # As it is written, not as it is read: urlsplit makes "/console/" of "///console/".
    if not plain or not path.startswith(home):
        return home
    steps = path.partition("?")[0].partition("#")[0].lower()
    inside = "//" not in steps and ".." not in steps.split("/") and "%2" not in steps
    return path if inside else home


def _host_of(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        whole = parts.netloc == host and "@" not in host and parts.port != 0
    except ValueError:
        return None
    return parts.hostname if whole and not parts.path else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_this_machine(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
