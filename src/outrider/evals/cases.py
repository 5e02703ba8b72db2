"""Cases from files of JSON lines, and what makes two cases the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.evals.records import Case, digest

LARGEST_LINE = 16 << 20
_lines = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()


def read(path: Path) -> list[Case]:
    """The cases of a `.jsonl` file. Raises RequestError that names the line."""
    try:
        with path.open("rb") as file:
            return unique(_numbered(file, path.name))
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}", param="dataset") from None


def _numbered(lines: Iterable[bytes], name: str) -> Iterator[Case]:
    for number, line in enumerate(lines, 1):
        if len(line) > LARGEST_LINE:
            raise RequestError(f"{name}:{number}: the line is longer than {LARGEST_LINE} bytes", param="dataset")
        if line.strip():
            yield parse(line, f"{name}:{number}")


def parse(line: bytes, where: str) -> Case:
    """A case from its JSON. Without `id` it is known by what it asks. Raises RequestError that begins with `where`."""
    try:
        fields = _lines.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"{where}: not a JSON object: {error}", param="dataset") from None
    return made(fields, where)


def made(fields: Mapping[str, Any], where: str) -> Case:
    """A case from its fields. Raises RequestError that begins with `where` and names the field."""
    unknown = sorted(set(fields) - set(Case.__struct_fields__))
    if unknown:
        known = ", ".join(Case.__struct_fields__)
        raise RequestError(f"{where}: a case has no field {unknown[0]!r}; it has: {known}", param=unknown[0])
    if "input" not in fields:
        raise RequestError(f"{where}: a case needs `input`: a text, a list of messages, or a request", param="input")
    id_ = fields.get("id")
    named = str(id_) if isinstance(id_, str | int) and str(id_) else digest(fields["input"])[:12]
    try:
        case = msgspec.convert({"source": where, **fields, "id": named}, Case)
    except msgspec.ValidationError as error:
        raise RequestError(f"{where}: {error}", param="dataset") from None
    _check_input(case.input, where)
    return case


def _check_input(given: Any, where: str) -> None:
    messages: Any = given.get("messages") if isinstance(given, Mapping) else given
    if isinstance(messages, str) and messages and not isinstance(given, Mapping):
        return
    sound = isinstance(messages, Sequence) and not isinstance(messages, str) and len(messages) > 0
    if not sound or not all(isinstance(one, Mapping) and isinstance(one.get("role"), str) for one in messages):
        raise RequestError(
            f"{where}: `input` is a text, a list of messages (each with `role`), or a request with `messages`",
            param="input",
        )


def unique(cases: Iterable[Case]) -> list[Case]:
    """The cases in their order. Raises RequestError where two different ones have the same id."""
    found: dict[str, Case] = {}
    for case in cases:
        before = found.setdefault(case.id, case)
        if before is not case and before.input != case.input:
            raise RequestError(
                f"{case.source}: the id {case.id!r} was given to another case before ({before.source})", param="id"
            )
    return list(found.values())


def body(case: Case) -> bytes:
    """A case as it is kept: its JSON."""
    return _json.encode(case)


def key(case: Case) -> str:
    """What a subject sees of a case: two cases with the same key get the same answer."""
    return digest([case.input, case.context, case.recorded])
