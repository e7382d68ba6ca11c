import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 9), ("2001:db8::1", 9)])
def test_no_test_can_call_another_machine(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as one, pytest.raises(PermissionError, match="this machine only"):
        one.connect(address)


def test_no_test_can_look_up_another_machine():
    with pytest.raises(PermissionError, match=r"example\.com"):
        socket.getaddrinfo("example.com", 80)


def test_a_test_can_call_its_own_machine():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1])) as one,
    ):
        assert one.getpeername() == server.getsockname()
