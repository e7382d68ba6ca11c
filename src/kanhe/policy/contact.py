"""Which strings are an electronic address of someone: e-mail, IPv4, IPv6.

Decides over text that a recogniser has already cut out. It refuses what has the shape and is
something else: a picture's file name, a section number, a netmask, the loopback. It resolves
nothing: an address that nobody has is still one here.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address

_FILE_ENDINGS = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "bmp",
        "ico",
        "css",
        "js",
        "ts",
        "json",
        "html",
        "htm",
        "xml",
        "yaml",
        "yml",
        "txt",
        "pdf",
        "zip",
    }
)
"""What follows the last dot of a file name; `logo@2x.png` is not a mailbox."""


def is_email(text: str) -> bool:
    """Say whether text shaped like a mailbox has no empty part and no file name's ending."""
    local, _, domain = text.partition("@")
    labels = domain.split(".")
    return (
        ".." not in local
        and not local.endswith(".")
        and not any(label.endswith("-") for label in labels)
        and labels[-1].lower() not in _FILE_ENDINGS
    )


def is_ipv4(text: str) -> bool:
    """Say whether four octets can be the address of someone's machine.

    Refused: four numbers below 10 (a heading such as 3.2.1.4, or a version), x.0.0.0 (a network, or
    a browser's version), loopback, multicast and netmasks.
    """
    address = IPv4Address(text)
    if all(octet < 10 for octet in address.packed) or address.packed[1:] == b"\0\0\0":
        return False
    return not (
        address.is_loopback or address.is_multicast or address.is_reserved or address.packed[0] == 0
    )


def is_ipv6(text: str) -> bool:
    """Say whether colons and groups make a valid IPv6 address."""
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
