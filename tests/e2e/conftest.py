"""The gateway and its model, started for the tests that talk to them over sockets."""

from __future__ import annotations

import pytest
from served import Served, Upstream


@pytest.fixture(scope="session")
def upstream():
    server = Upstream()
    yield server
    server.close()


@pytest.fixture(scope="session")
def gateway(upstream, tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("served"), upstream=upstream)
    yield served
    served.stop()
