"""A form that arrives as `multipart/form-data`, read part by part while it comes."""

from abc import ABC, abstractmethod
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from outrider.base.errors import RequestError


def boundary_of(content_type: str) -> bytes | None:
    """What stands between the parts; None: it is no such form."""
    kind, options = parse_options_header(content_type)
    return options.get(b"boundary") or None if kind == b"multipart/form-data" else None


class Form(ABC):
    """One form. A subclass says what begins with a part (`begin`) and takes what is in it (`take`)."""

    def __init__(self, boundary: bytes) -> None:
        self.ended = False
        self._header, self._value = bytearray(), bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._parser = MultipartParser(boundary, self._callbacks())

    def feed(self, chunk: bytes) -> None:
        """Raises RequestError 400, and what `begin` and `take` raise."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise RequestError(f"the form cannot be read: {error}", code="invalid_body") from None

    def check_ended(self) -> None:
        if not self.ended:
            raise RequestError("the form is not whole: its last boundary is missing", code="invalid_body")

    @abstractmethod
    def begin(self, field: str, filename: str | None, media: str) -> None:
        """A part begins. `filename` is None where it is no file; it has no characters that cannot be shown."""

    @abstractmethod
    def take(self, chunk: bytes) -> None:
        """What is in the part that began last."""

    def _callbacks(self) -> Any:
        return {
            "on_part_begin": lambda: self._headers.clear(),
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin,
            "on_part_data": lambda data, start, end: self.take(data[start:end]),
            "on_end": self._end,
        }

    def _end_header(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _begin(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        field = options.get(b"name", b"").decode("utf-8", "replace")
        name = options.get(b"filename")
        shown = None if name is None else "".join(c for c in name.decode("utf-8", "replace") if c.isprintable())
        self.begin(field, shown, self._headers.get(b"content-type", b"").decode("latin-1"))

    def _end(self) -> None:
        self.ended = True
