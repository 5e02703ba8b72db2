"""What Outrider writes into Responses texts to find it again: ids that name their run, thoughts of other languages.

An item's id is its own (`msg_0`, or what the provider called it), `_or`, and the run's 32 hexadecimal digits. What
another provider wants back with its thoughts travels as `encrypted_content`, sealed: no client looks into that.
"""

import binascii
from base64 import b64decode, b64encode
from typing import Any

import msgspec

from outrider.dialects.pivot import Fields

FORMAT = "openai-responses-v1"
"""The `format` of thoughts and items that belong to this language."""
GEMINI = "google-gemini-v1"

_SEAL = "or1."
_MARK = "_or"
_DIGITS = frozenset("0123456789abcdef")
_encode = msgspec.json.Encoder(order="sorted").encode
_thoughts = msgspec.json.Decoder(list[dict[str, Any]])


def response_id(run: str) -> str:
    """The id of the response that the run (its id as text) gives."""
    return f"resp_{run.replace('-', '')}"


def run_of(response: str) -> str | None:
    """The run's 32 digits in a response's id; None if no run of ours has it."""
    digits = response.removeprefix("resp_").replace("-", "")
    return digits if response.startswith("resp_") and _is_run(digits) else None


def item_id(own: str, run: str) -> str:
    """The id of an item of a run's response."""
    return f"{own}{_MARK}{run.replace('-', '')}"


def split_id(id_: str) -> tuple[str, str | None]:
    """An item's own id, and its run's 32 digits if it has our mark."""
    own, mark, digits = id_.rpartition(_MARK)
    return (own, digits) if mark and own and _is_run(digits) else (id_, None)


def is_made_up(own: str) -> bool:
    """Whether an item's own id is one that we gave, and not a provider's."""
    kind, _, number = own.rpartition("_")
    return number.lstrip("i").isdigit() and len(number) < 5 and bool(kind)


def clean(items: list[Fields]) -> list[Fields]:
    """Items as the provider whose they are knows them: without our marks, and without other providers' thoughts."""
    out: list[Fields] = []
    for item in items:
        if item.get("type") == "reasoning" and is_sealed(item.get("encrypted_content")):
            continue
        id_ = item.get("id")
        own, run = split_id(id_) if isinstance(id_, str) else ("", None)
        if run is not None:
            item = {**item, "id": own}
            if is_made_up(own):
                del item["id"]
        out.append(item)
    return out


def seal(thoughts: list[Fields]) -> str:
    """`reasoning_details` as `encrypted_content`."""
    return _SEAL + b64encode(_encode(thoughts)).decode()


def unseal(content: Any) -> list[Fields] | None:
    """The `reasoning_details` in an `encrypted_content`; None: it is OpenAI's own, or was changed on its way."""
    if not isinstance(content, str) or not content.startswith(_SEAL):
        return None
    try:
        return _thoughts.decode(b64decode(content[len(_SEAL) :], validate=True))
    except (msgspec.DecodeError, binascii.Error, ValueError):
        return []


def is_sealed(content: Any) -> bool:
    return isinstance(content, str) and content.startswith(_SEAL)


def _is_run(digits: str) -> bool:
    return len(digits) == 32 and _DIGITS.issuperset(digits)
