"""Requests are signed before they leave, and what became of them is known of the original."""

import pytest

from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest, WireResponse
from outrider.gateway.signed import SigningTransport


class Wire:
    def __init__(self) -> None:
        self.sent: list[WireRequest] = []
        self.closed = False

    async def send(self, request: WireRequest) -> WireResponse:
        request.sent = True
        self.sent.append(request)
        raise UpstreamError("nobody there")

    async def close(self) -> None:
        self.closed = True


def signed(request: WireRequest) -> WireRequest:
    return WireRequest(request.method, request.path, [*request.headers, (b"signature", b"x")], request.body)


class AtOnce:
    def sign(self, request: WireRequest) -> WireRequest:
        return signed(request)


class Later:
    async def sign(self, request: WireRequest) -> WireRequest:
        return signed(request)


@pytest.mark.parametrize("signer", [AtOnce(), Later()])
async def test_every_request_is_signed(signer: AtOnce | Later) -> None:
    wire = Wire()
    transport = SigningTransport(wire, signer)
    request = WireRequest("POST", "/", [], b"{}")
    with pytest.raises(UpstreamError):
        await transport.send(request)
    assert request.sent
    assert list(wire.sent[0].headers) == [(b"signature", b"x")]
    await transport.close()
    assert wire.closed
