"""The named faults are commands that exist, and doors behind which nobody is."""

import pytest

from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.upstream import HttpPool, Origin
from outrider.testing.faults import FAULTS, Door, doors
from outrider.testing.script import commands


def test_every_fault_of_the_list_is_there() -> None:
    assert len(FAULTS) == 21
    for fault in FAULTS.values():
        for stream in (True, False):
            assert commands(fault.model(stream=stream, rate=0.3), "")["rate"] == "0.3"
        assert bool(fault.door) != bool(fault.stream)


@pytest.mark.parametrize(
    ("door", "code"),
    [("refused", "upstream_unreachable"), ("tls", "upstream_tls_error"), ("dns", "upstream_dns_error")],
)
async def test_behind_the_doors_is_nobody(door: Door, code: str) -> None:
    with doors() as urls:
        pool = HttpPool(Origin(urls[door]))
        with pytest.raises(UpstreamError) as caught:
            await pool.send(WireRequest("GET", "/v1/models", []))
        await pool.close()
    assert caught.value.code == code
