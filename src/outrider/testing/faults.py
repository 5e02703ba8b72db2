"""How providers fail: 21 faults by name, as commands of the scripted provider or as an address that leads nowhere.

`benchmarks/faults.py` runs a whole gateway through them; your application's tests can do the same.
"""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

Door = Literal["", "refused", "tls", "dns"]


class Fault(NamedTuple):
    """`stream` are the commands that spoil a stream, `plain` those for a plain answer, "" for the same. A fault with a
    `door` is no answer at all: there is no connection. `slow` ones are noticed only by waiting.
    """

    stream: str = ""
    plain: str = ""
    door: Door = ""
    slow: bool = False

    def model(self, *, stream: bool, rate: float) -> str:
        """The name of a model with this fault at this rate. Without effect for a `door`."""
        return f"scripted:{self.stream if stream or not self.plain else self.plain},rate={rate:g}"


FAULTS: Mapping[str, Fault] = {
    "refused": Fault(door="refused"),
    "reset": Fault("reset"),
    "slow headers": Fault("slow-headers=60", slow=True),
    "slow tokens": Fault("gap=0.1", plain="delay=4", slow=True),
    "stall mid-stream": Fault("stall=12", slow=True),
    "cut mid-stream": Fault("cut=12"),
    "429 with retry-after": Fault("status=429,retry-after=2"),
    "429": Fault("status=429"),
    "500": Fault("status=500"),
    "503": Fault("status=503"),
    "529": Fault("status=529"),
    "HTML": Fault("html"),
    "half JSON": Fault("malformed"),
    "error inside 200": Fault("error-in-200=12"),
    "wrong model": Fault("status=404"),
    "expired key": Fault("status=401"),
    "TLS failure": Fault(door="tls"),
    "DNS failure": Fault(door="dns"),
    "oversized answer": Fault("oversize=300000000"),
    "endless stream": Fault("murmur=12", slow=True),
    "flapping": Fault("reset,flap=20"),
}


class _NoTls(socketserver.BaseRequestHandler):
    """Answers the beginning of TLS in plain HTTP, as a server does that nobody gave a certificate."""

    def handle(self) -> None:
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")


@contextlib.contextmanager
def doors() -> Iterator[Mapping[Door, str]]:
    """Base URLs that lead nowhere: nobody listens (the port stays taken), no TLS is spoken, no such host."""
    with socket.socket() as closed, socketserver.ThreadingTCPServer(("127.0.0.1", 0), _NoTls) as no_tls:
        closed.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=no_tls.serve_forever, args=(0.05,), name="no-tls", daemon=True)
        thread.start()
        yield {
            "refused": f"http://127.0.0.1:{closed.getsockname()[1]}/v1",
            "tls": f"https://127.0.0.1:{no_tls.server_address[1]}/v1",
            "dns": "http://no-such-host.invalid/v1",
        }
        no_tls.shutdown()
        thread.join()
