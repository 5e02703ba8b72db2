"""Documents cut into passages along their structure. Pure: text and blocks in, spans out."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from outrider.knowledge.records import Block, BlockKind, Parsed, Piece

SIZE = 180
"""Tokens that a passage aims at: embedders see 256, and are quickest per word near 200."""
OUTER = 1_200
"""Tokens of the part around a passage, at most (more only where one passage is longer)."""

_TOKEN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]|[^\W_\x00-\u024f]{1,3}|[^\W_]{1,9}|[^\w\s]|_")
_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]{1,9}|[!-/:-@\[-`{-~\x00-\x08\x0e-\x1b\x7f]")
"""The same for ASCII alone, which most texts are: sets of ASCII are matched about twice as quickly."""
_WORD = re.compile(r"\S{1,200}")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=\S)|(?<=[。!?])|\n+")
_LINE = re.compile(r"\n")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_DEFINITION = re.compile(r"\n(?=[^\s)\]}#])")
_RULE = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")

Span = tuple[int, int]
CUTS: dict[BlockKind, tuple[re.Pattern[str], ...]] = {
    "code": (_PARAGRAPH, _DEFINITION, _LINE),
    "list": (_LINE, _SENTENCE),
    "table": (_LINE,),
}
"""Where a block that is too long may be cut, the best places first."""


class _Part(msgspec.Struct, gc=False):
    """What is never cut further: a block, or a bit of a long one, with its size in tokens."""

    start: int
    end: int
    tokens: int
    block: Block
    header: str = ""


def tokens(text: str) -> int:
    """About how many word pieces an embedder makes of it (MiniLM: ±13 % for 9 of 10 paragraphs of English)."""
    return len((_ASCII_TOKEN if text.isascii() else _TOKEN).findall(text))


def pieces(parsed: Parsed, *, size: int = SIZE) -> list[Piece]:
    """Passages of about `size` tokens, in order, that cover all but white space and never cross from one section into
    the next. A table's rows and a list's items stay whole where they fit; a cut table's header is the last of
    `headings`."""
    made: list[Piece] = []
    for headings, blocks in _sections(parsed):
        parts = [part for block in blocks for part in _parts(parsed.text, block, size)]
        groups = _even(parts, size)
        for (start, end), near in _outers(groups):
            made += [_piece(parsed.text, group, headings, (start, end)) for group in near]
    return made


def heading_text(text: str) -> str:
    """A heading's words, without the marks of Markdown."""
    first = text.strip().split("\n=", 1)[0].split("\n-", 1)[0]
    return re.sub(r"^#{1,6}[ \t]+|[ \t]+#+$", "", first).strip()


def _sections(parsed: Parsed) -> Iterator[tuple[list[str], list[Block]]]:
    """Runs of blocks under one heading, with the headings that lead there. Headings that follow each other belong to
    what comes after the last."""
    above: list[tuple[int, str]] = []
    run: list[Block] = []
    for block in parsed.blocks:
        if block.kind == "heading":
            if run and run[-1].kind != "heading":
                yield [title for _, title in above], run
                run = []
            title = heading_text(parsed.text[block.start : block.end])[:200]
            above = [(level, kept) for level, kept in above if level < block.level] + [(block.level, title)]
        run.append(block)
    if run:
        yield [title for _, title in above], run


def _parts(text: str, block: Block, size: int) -> list[_Part]:
    """A block whole if it fits, else cut at the best places that make it fit."""
    span = _strip(text, block.start, block.end)
    if span[0] == span[1]:
        return []
    count = tokens(text[span[0] : span[1]])
    if count <= size:
        return [_Part(*span, count, block)]
    header = _header(text[span[0] : span[1]]) if block.kind == "table" else ""
    cuts = CUTS.get(block.kind, (_PARAGRAPH, _SENTENCE))
    return [
        _Part(start, end, count, block, header if start > span[0] else "")
        for start, end, count in _cut(text, span, count, cuts, size)
    ]


def _header(table: str) -> str:
    """The first row of a table in Markdown, which its second line shows to be one."""
    rows = table.split("\n", 2)
    return rows[0].strip()[:500] if len(rows) > 1 and _RULE.match(rows[1]) and "-" in rows[1] else ""


def _cut(
    text: str, span: Span, count: int, cuts: Sequence[re.Pattern[str]], size: int
) -> Iterator[tuple[int, int, int]]:
    if count <= size:
        yield *span, count
        return
    if not cuts:
        yield from _words(text, span, size)
        return
    for start, end in _between(text, span, cuts[0]):
        yield from _cut(text, (start, end), tokens(text[start:end]), cuts[1:], size)


def _between(text: str, span: Span, cut: re.Pattern[str]) -> Iterator[Span]:
    start = span[0]
    for match in cut.finditer(text, *span):
        bit = _strip(text, start, match.end())
        if bit[0] < bit[1]:
            yield bit
        start = match.end()
    bit = _strip(text, start, span[1])
    if bit[0] < bit[1]:
        yield bit


def _words(text: str, span: Span, size: int) -> Iterator[tuple[int, int, int]]:
    """For text without any structure: by words, and words of any length by characters."""
    start, end, held = span[0], span[0], 0
    for match in _WORD.finditer(text, *span):
        count = tokens(match[0])
        if held and held + count > size:
            yield start, end, held
            start, held = match.start(), 0
        end, held = match.end(), held + count
    yield start, end, held


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _even(parts: list[_Part], size: int) -> list[list[_Part]]:
    """Parts in groups of about the same size, `size` at most. A heading never ends a group unless nothing follows."""
    left = sum(part.tokens for part in parts)
    groups: list[list[_Part]] = []
    held, room = 0, 0.0
    for part in parts:
        glued = bool(groups) and groups[-1][-1].block.kind == "heading" and held <= size // 2
        if groups and (glued or held + part.tokens <= size) and (glued or held + part.tokens / 2 <= room):
            groups[-1].append(part)
            held += part.tokens
        else:
            room = left / max(1, -(-left // size))
            groups.append([part])
            held = part.tokens
        left -= part.tokens
    return groups


def _outers(groups: list[list[_Part]]) -> Iterator[tuple[Span, list[list[_Part]]]]:
    """Neighbouring groups with the span of the part that they make together: their section, or some of a long one."""
    near: list[list[_Part]] = []
    held = 0
    for group in groups:
        count = sum(part.tokens for part in group)
        if near and held + count > OUTER:
            yield (near[0][0].start, near[-1][-1].end), near
            near, held = [], 0
        near.append(group)
        held += count
    if near:
        yield (near[0][0].start, near[-1][-1].end), near


def _piece(text: str, group: list[_Part], headings: list[str], outer: Span) -> Piece:
    sizes: dict[BlockKind, int] = {}
    for part in group:
        if part.block.kind != "heading" or len(group) == 1:
            sizes[part.block.kind] = sizes.get(part.block.kind, 0) + part.tokens
    first = next((part.block for part in group if part.block.kind != "heading"), group[0].block)
    return Piece(
        start=group[0].start,
        end=group[-1].end,
        outer=outer,
        headings=[*headings, group[0].header] if group[0].header else list(headings),
        kind=max(sizes, key=lambda kind: sizes[kind]) if sizes else "heading",
        page=first.page,
        seconds=first.seconds,
    )
