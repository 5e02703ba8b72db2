"""A conversation as it is known again: turns, and the digests (marks) by which beginnings, turns, ids of calls and
sentences are found when they come back. Pure."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from outrider.policy.normal import fold

Role = Literal["operator", "user", "assistant", "tool"]

SHORTEST_PIECE = 40
"""Characters from which a sentence is distinctive enough to be known again."""
LONGEST_READ = 400_000
"""Characters of a text that are cut into sentences: of a longer one its beginning and its end."""
MOST_PIECES = 400
_DISTINCTIVE = 64
"""Characters of a beginning that two callers hardly have by chance."""

_MARKUP = re.compile(
    r"</?[A-Za-z][\w:.-]{0,40}(?:\s[^<>\r\n]{0,120})?/?>|\\{1,8}[nrt]|[\\\"]{0,8}[{}\[\]]{1,8}[\\\"]{0,8}"
    r"|[\\\"]{1,8}\s{0,4}[:,]\s{0,4}[\\\"]{1,8}"
)
"""What programs put around a text when they put it into another: tags, JSON."""
_ENDS = re.compile(rf"[\r\n]+|(?<=[.!?;:])\s+|{_MARKUP.pattern}")
_AIM = re.compile(r"@|://|\d{6}|\d[\d ]{7}|\b[A-Za-z]{2}\d{2}[A-Za-z0-9 ]{8}")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SHORTEST_AIM, _FEWEST_WORDS = 12, 4
_MOST_JOINED = 12
"""Short lines that are taken together."""
_RUN = re.compile(r"[A-Za-z0-9]+")
_json = msgspec.json.Decoder()
_encode = msgspec.json.Encoder(order="deterministic").encode


class Proposal(msgspec.Struct, frozen=True):
    """A call that a model made: its id, the tool, and the arguments as they were written."""

    id: str
    tool: str
    arguments: str


class Turn(msgspec.Struct):
    """One message. `call` is the id of the call that a tool's turn answers, `tool` the name that it gives itself;
    `attached` a digest of pictures and files ("": there are none)."""

    role: Role
    text: str = ""
    calls: tuple[Proposal, ...] = ()
    call: str = ""
    tool: str = ""
    attached: str = ""


def canonical(turn: Turn) -> bytes:
    """What makes two turns the same, however a client writes them: white space, order and form of JSON do not count."""
    calls = [[one.id, one.tool, _plain(one.arguments)] for one in turn.calls]
    return _encode([turn.role, " ".join(turn.text.split()), calls, turn.call, turn.attached])


def _plain(arguments: str) -> Any:
    try:
        return _json.decode(arguments) if arguments else {}
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return arguments


def mark(kind: str, *parts: str | bytes) -> bytes:
    """16 bytes that stand for these parts."""
    digest = hashlib.blake2b(kind.encode(), digest_size=16)
    for part in parts:
        said = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(said).to_bytes(8, "big") + said)
    return digest.digest()


class Beginning(msgspec.Struct):
    """The conversation up to and with the turn `at`. `distinctive`: not two callers have it by chance."""

    at: int
    mark: bytes
    distinctive: bool


def beginnings(turns: Sequence[Turn]) -> list[Beginning]:
    """Every beginning. What the operator says is no part of them: many system prompts tell the time."""
    found: list[Beginning] = []
    so_far, size, known = b"", 0, False
    for at, turn in enumerate(turns):
        if turn.role == "operator":
            continue
        so_far = mark("begin", so_far, canonical(turn))
        size += len(turn.text)
        known = known or bool(turn.attached) or any(is_random(one) for one in ids_of(turn))
        found.append(Beginning(at, so_far, known or size >= _DISTINCTIVE))
    return found


def turn_marks(turns: Sequence[Turn]) -> list[bytes]:
    """One for each turn; of equal ones the second has another than the first."""
    seen: dict[bytes, int] = {}
    out = []
    for turn in turns:
        said = canonical(turn)
        seen[said] = seen.get(said, 0) + 1
        out.append(mark("turn", said, str(seen[said])))
    return out


def ids_of(turn: Turn) -> list[str]:
    """The ids of calls that it names."""
    return [one for one in (turn.call, *(call.id for call in turn.calls)) if one]


def is_random(id_: str) -> bool:
    """Whether an id was drawn, so that who knows it has seen the conversation; and not counted (`call_1`)."""
    longest = max(_RUN.findall(id_), key=len, default="")
    if len(longest) < 8:
        return False
    kinds = sum((any(c.isdigit() for c in longest), any(c.islower() for c in longest), any(map(str.isupper, longest))))
    return kinds > 1 or (len(longest) >= 16 and kinds == 1 and len(set(longest)) > 8 and not longest.isalpha())


def id_mark(id_: str) -> bytes:
    return mark("id", id_)


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The sentences and lines of a text that are long enough, each as it stands there and folded; short ones together
    with those behind them, and alone if they name an address, an account or a number."""
    if len(text) > LONGEST_READ:
        text = text[: LONGEST_READ // 2] + "\n" + text[-LONGEST_READ // 2 :]
    spans = _units(text)
    for at, (start, end) in enumerate(spans):
        one = text[start:end]
        if len(one) < SHORTEST_PIECE:
            if len(one) >= _SHORTEST_AIM and _AIM.search(one) and len(_WORDS.findall(one)) >= _FEWEST_WORDS:
                yield one, _bare(one)
            for begins, behind in spans[at + 1 : at + _MOST_JOINED]:
                if len(one) >= SHORTEST_PIECE or behind - begins >= SHORTEST_PIECE:
                    break
                one = text[start:behind]
        if len(one) >= SHORTEST_PIECE:
            folded = _bare(_MARKUP.sub(" ", one))
            if len(folded) >= SHORTEST_PIECE:
                yield one, folded


def _units(text: str) -> list[tuple[int, int]]:
    """Where its sentences and lines stand."""
    found, start = [], 0
    for gap in _ENDS.finditer(text):
        found.append((start, gap.start()))
        start = gap.end()
    return [(a, b) for a, b in [*found, (start, len(text))] if b > a]


def _bare(text: str) -> str:
    return fold(text).strip("\"'*_#<>-•|`()\\= ")


def piece_mark(folded: str) -> bytes:
    return mark("piece", folded)


def telling(text: str, most: int) -> list[str]:
    """At most so many folded sentences of a text, from its beginning, its end, and the longest of the rest."""
    found = list(dict.fromkeys(folded for _, folded in pieces(text)))
    if len(found) <= most:
        return found
    side = most // 3
    middle = sorted(found[side:-side], key=len, reverse=True)[: most - 2 * side]
    return [*found[:side], *middle, *found[-side:]]


def strings(said: str) -> list[str]:
    """The texts in a result: those within it, if it is JSON."""
    if said.lstrip()[:1] not in ("{", "["):
        return [said]
    try:
        pending, found = [_json.decode(said)], []
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return [said]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return found
