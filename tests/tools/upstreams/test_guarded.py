"""A service is connected to at its own host, and inside the network only where that is configured."""

import httpcore2
import pytest

from outrider.base.errors import UpstreamError
from outrider.tools.upstreams._guarded import Guarded


@pytest.mark.parametrize(
    ("own", "asked", "says"),
    [("127.0.0.1", "127.0.0.1", "private_hosts"), ("api.example", "127.0.0.1", "not the service's own")],
)
async def test_elsewhere_is_refused(own: str, asked: str, says: str) -> None:
    with pytest.raises(UpstreamError, match=says):
        await Guarded(own).connect_tcp(asked, 9)


async def test_a_host_that_is_not_known_or_does_not_listen() -> None:
    for host in ("nowhere.invalid", "127.0.0.1"):
        with pytest.raises(httpcore2.ConnectError):
            await Guarded(host, ("127.0.0.1",)).connect_tcp(host, 1)
