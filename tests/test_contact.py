"""Electronic addresses, and what has their shape and is something else."""

import pytest

from kanhe.policy import contact


@pytest.mark.parametrize("text", ["a@b.cn", "first.last+tag@mail.example.co.uk"])
def test_mailboxes_are_mailboxes(text):
    assert contact.is_email(text)


@pytest.mark.parametrize(
    "text", ["logo@2x.png", "a..b@example.com", "a.@example.com", "a@example-.com"]
)
def test_what_is_no_mailbox_is_refused(text):
    assert not contact.is_email(text)


@pytest.mark.parametrize("text", ["203.0.113.253", "192.168.1.1", "10.0.0.5", "8.8.8.88"])
def test_addresses_of_machines_are_addresses(text):
    assert contact.is_ipv4(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3.2.1.4", "a heading"),
        ("120.0.0.0", "a browser's version"),
        ("127.0.0.1", "the loopback"),
        ("255.255.255.0", "a netmask"),
        ("224.0.0.251", "multicast"),
        ("0.12.0.1", "this network"),
    ],
)
def test_what_is_no_address_of_a_machine_is_refused(text, why):
    assert not contact.is_ipv4(text), why


def test_ipv6_may_be_shortened_once():
    assert contact.is_ipv6("2001:db8::1")
    assert not contact.is_ipv6("2001:db8::1::2")
    assert not contact.is_ipv6("2001:db8:1")
