"""The gateway and its model, started for the tests that talk to them over sockets."""

from __future__ import annotations

import openai
import pytest
from office import Office, work
from scripted import Upstream
from served import KEY, Served


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


@pytest.fixture(scope="session")
def office(tmp_path_factory):
    """The console of a service that has seen some work."""
    upstream = Upstream()
    made = Office(tmp_path_factory.mktemp("office"), upstream)
    work(made)
    yield made
    made.close()
    upstream.close()


@pytest.fixture
def client(gateway):
    with openai.OpenAI(base_url=gateway.url, api_key=KEY, max_retries=0) as client:
        yield client
