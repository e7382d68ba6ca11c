import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from kanhe.adapters.upstream import Timeouts, Upstream, unanswered
from kanhe.errors import UpstreamError, UpstreamTimeout

UPSTREAM = Upstream("m", "http://host/v1", timeouts=Timeouts(connect_s=5.0))
KEY = ConnectionKey("host", 80, False, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "kind", "says", "again"),
    [
        (aiohttp.ConnectionTimeoutError(), UpstreamTimeout, "no connection in 5 s", False),
        (aiohttp.ClientConnectorDNSError(KEY, OSError()), UpstreamError, "host name", True),
        (
            aiohttp.ClientConnectorError(KEY, OSError(111, "refused")),
            UpstreamError,
            "refused",
            True,
        ),
        (aiohttp.ClientConnectorError(KEY, OSError()), UpstreamError, "no connection", True),
        (aiohttp.ServerDisconnectedError(), UpstreamError, "closed the connection", True),
        (aiohttp.ClientOSError(104, "reset"), UpstreamError, "closed the connection", True),
        (aiohttp.ClientPayloadError("raw bytes"), UpstreamError, "did not answer in HTTP", False),
    ],
)
def test_each_way_to_get_no_answer_has_its_class_and_words(error, kind, says, again):
    fault = unanswered(UPSTREAM, error)
    assert type(fault.error) is kind
    assert says in str(fault.error)
    assert "raw bytes" not in str(fault.error)
    assert fault.again is again
