"""What AWS's own package knows about Converse: its types check our requests, its parser reads our fixtures."""

import json
import struct
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

FIXTURES = Path(__file__).parents[2] / "fixtures" / "bedrock"


@cache
def service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))


def check(body: dict[str, Any]) -> None:
    """Fails unless `body` is a Converse request by AWS's own types, without unknown fields."""
    for operation in ("Converse", "ConverseStream"):
        shape = service().operation_model(operation).input_shape
        report = ParamValidator().validate({"modelId": "m", **body}, shape)
        assert not report.has_errors(), report.generate_report()


def check_answer(body: dict[str, Any]) -> None:
    """Fails unless `body` is a Converse answer by AWS's own types (it may have fields that these do not name)."""
    shape = service().operation_model("Converse").output_shape
    report = ParamValidator().validate({name: body[name] for name in body if name in shape.members}, shape)
    assert not [error for error in report._errors if error[0] != "unknown field"], report.generate_report()


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


def frame(kind: str, said: dict[str, Any], *, message: str = "event") -> bytes:
    """One frame, as AWS sends it."""
    return raw(
        {f":{message}-type": kind, ":content-type": "application/json", ":message-type": message},
        json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode(),
    )


def raw(headers: dict[str, str], payload: bytes) -> bytes:
    packed = b"".join(
        struct.pack("!B", len(name.encode())) + name.encode() + b"\x07" + struct.pack("!H", len(value.encode()))
        + value.encode()
        for name, value in headers.items()
    )  # fmt: skip
    start = struct.pack("!II", 16 + len(packed) + len(payload), len(packed))
    whole = start + struct.pack("!I", crc32(start)) + packed + payload
    return whole + struct.pack("!I", crc32(whole))


def stream(events: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(frame(kind, said) for kind, said in events)
