"""The Casebook for models: an MCP server with five tools, whose answers keep to a number of tokens.

What a tool says and takes is here as plain functions; the official SDK carries it. Nothing of the SDK is imported
before a server is made.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from outrider.base.errors import OutriderError, RequestError
from outrider.casebook.compare import compare
from outrider.casebook.find import Finder
from outrider.casebook.present import PARTS, TOKEN, budgeted, figure
from outrider.casebook.recording import ask_recorded
from outrider.casebook.trends import trends
from outrider.knowledge.recording import Asker

if TYPE_CHECKING:  # half a second of imports, which only a server needs
    from mcp.server.lowlevel import Server

NAME = "outrider-casebook"
ABOUT = (
    "Case studies of language models in production. Figures and tags have passages that were checked; what a vendor"
    " claims is marked. Begin with `search`; its query takes words and field:value (industry, technique, tool, org,"
    " year:2023..2025, has:figures, result:deflection>50%)."
)
_TOKENS = 1500
_LEAST, _MOST = 100, 20_000
_CUT = "(shortened; ask for more tokens)"


class Search(msgspec.Struct, forbid_unknown_fields=True):
    """Find case studies by words and conditions. Gives ids, what each does, figures, and counts for narrowing down."""

    query: str
    limit: int = 8
    tokens: int = _TOKENS


class Get(msgspec.Struct, forbid_unknown_fields=True):
    """One case study. `parts` are of summary, facts (figures, techniques, tools, failures, lessons, sources) and
    passages (what the text says, word for word, with offsets)."""

    id: str
    parts: list[str] = msgspec.field(default_factory=lambda: list(PARTS))
    tokens: int = _TOKENS


class Compare(msgspec.Struct, forbid_unknown_fields=True):
    """Two to four case studies side by side: what they share, where they differ, figures of the same kind."""

    ids: list[str]
    tokens: int = _TOKENS


class Trends(msgspec.Struct, forbid_unknown_fields=True):
    """Which share of each year's deployments has a technique (or a tool, or is of an industry or application), with the
    number of deployments and a 95 % interval. `query` narrows the deployments."""

    field: str = "technique"
    values: list[str] = []
    query: str = ""
    tokens: int = _TOKENS


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """Ask a question over all case studies. The answer quotes passages that were checked, or says that none does."""

    question: str
    tokens: int = _TOKENS


def _search(finder: Finder, given: Search, asker: Asker) -> Iterable[str]:
    asked = finder.read(given.query)
    page = finder.find(asked, limit=max(1, min(given.limit, 50)))
    yield f"{page.total} {'nearest ' if page.nearest else ''}cases for: {page.query or 'everything'}"
    yield from (one.text for one in page.hints)
    for found in page.hits:
        when = ", ".join(x for x in (found.organisation, str(found.year) if found.year else "") if x)
        what = " ".join(found.what_it_does.split())
        yield f"[{found.id}] {found.title}{f' ({when})' if when else ''}: {what}"
        yield from (f"  - {figure(r)}" for r in found.figures)
        if found.snippet:
            yield f"  > {' '.join(found.snippet.text.split())}"
    for field, counts in page.facets.items():
        if counts and field in ("industry", "technique", "year"):
            yield f"{field}: {', '.join(f'{c.value} {c.count}' for c in counts[:10])}"


def _get(finder: Finder, given: Get, asker: Asker) -> Iterable[str]:
    if wrong := [p for p in given.parts if p not in PARTS]:
        raise RequestError(f"no part {wrong[0][:40]!r}; there are: {', '.join(PARTS)}", param="parts")
    case = finder.cases.get(given.id)
    yield budgeted(case, finder.catalogue().vocabulary, given.parts, given.tokens)


def _compare(finder: Finder, given: Compare, asker: Asker) -> Iterable[str]:
    got = compare(finder.cases, given.ids, finder.catalogue().vocabulary)
    yield " | ".join(f"[{c.id}] {c.organisation}" for c in got.cases)
    for row in got.rows:
        if row.shared:
            yield f"{row.field}, shared: {'; '.join(row.shared)}"
        own = ["; ".join(v for v in cell if v not in row.shared) or "–" for cell in row.cells]
        if any(cell != "–" for cell in own):
            yield f"{row.field}: {' | '.join(own)}"
    for line in got.figures:
        yield f"figure {line.metric}: {' | '.join('; '.join(map(figure, cell)) or '–' for cell in line.cells)}"


def _trends(finder: Finder, given: Trends, asker: Asker) -> Iterable[str]:
    got = trends(finder.catalogue(), finder.read(given.query), given.field, given.values)
    sizes = ", ".join(f"{year}: {n}" for year, n in zip(got.years, got.n, strict=True))
    yield f"share of deployments by {got.field} and year; deployments {sizes}; {got.undated} without a year"
    for line in got.lines:
        shares = ", ".join(f"{p.year} {p.share:.0%} [{p.low:.0%}–{p.high:.0%}]" for p in line.points)
        moved = {"up": "; rose", "down": "; fell"}.get(line.moved, "")
        yield f"{line.value} ({line.label}), n={line.total}: {shares}{moved}"


def _ask(finder: Finder, given: Question, asker: Asker) -> Iterable[str]:
    got = ask_recorded(finder, given.question, asker)
    yield got.text
    if got.abstained:
        return
    seen: set[int] = set()
    for sentence in got.sentences:
        for cited in sentence.citations:
            if cited.number not in seen:
                seen.add(cited.number)
                place = f"{cited.case} {cited.start}–{cited.end}"
                yield f"[{cited.number}] {place}: “{' '.join(cited.quote.split())}” {cited.url}"


_Tool = Callable[[Finder, Any, Asker], Iterable[str]]
TOOLS: Mapping[str, tuple[type[msgspec.Struct], _Tool]] = {
    "search": (Search, _search),
    "get": (Get, _get),
    "compare": (Compare, _compare),
    "trends": (Trends, _trends),
    "ask": (Question, _ask),
}


def schema(name: str) -> dict[str, Any]:
    """What a tool takes, as JSON Schema."""
    shape = msgspec.json.schema(TOOLS[name][0])
    found: dict[str, Any] = shape["$defs"][TOOLS[name][0].__name__]
    return {k: v for k, v in found.items() if k not in ("title", "description")}


def call(finder: Finder, name: str, arguments: Mapping[str, Any], asker: Asker) -> str:
    """What a tool says; a question is written into the record as a run of `asker`. Raises RequestError with what is
    wrong."""
    if name not in TOOLS:
        raise RequestError(f"no tool {name[:40]!r}; there are: {', '.join(TOOLS)}")
    shape, tool = TOOLS[name]
    try:
        given = msgspec.convert(dict(arguments), shape)
    except msgspec.ValidationError as error:
        raise RequestError(f"the arguments of {name!r} cannot be used: {error}") from None
    tokens = given.tokens  # type: ignore[attr-defined]  # every shape of TOOLS has it
    if not _LEAST <= tokens <= _MOST:
        raise RequestError(f"`tokens` is from {_LEAST} to {_MOST}, not {tokens}", param="tokens")
    return _fitted(tool(finder, given, asker), tokens)


def _fitted(lines: Iterable[str], tokens: int) -> str:
    """Whole lines in about so many tokens."""
    kept: list[str] = []
    room = int(tokens * TOKEN)
    for line in lines:
        room -= len(line) + 1
        if room < 0 and kept:
            return "\n".join([*kept, _CUT])
        kept.append(line)
    return "\n".join(kept)


def server(open_: Callable[[], Finder], asker: Asker) -> "Server[Any]":
    """The MCP server of one who asks. `open_` gives the Finder and is called in a thread. Raises OutriderError without
    the SDK."""
    try:
        import mcp_types as types
        from mcp.server.lowlevel import Server
    except ImportError:
        raise OutriderError(
            "the MCP server needs the package mcp, which is not installed: run `pip install 'outrider[knowledge]'`"
        ) from None
    import anyio.to_thread

    async def listed(_ctx: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=name,
                    description=" ".join((shape.__doc__ or "").split()),
                    input_schema=schema(name),
                    annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False),
                )
                for name, (shape, _) in TOOLS.items()
            ]
        )

    async def called(_ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        def run() -> tuple[str, bool]:
            try:
                return call(open_(), params.name, params.arguments or {}, asker), False
            except OutriderError as error:
                return error.message, True

        text, failed = await anyio.to_thread.run_sync(run)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=failed)

    return Server(NAME, title="Casebook", instructions=ABOUT, on_list_tools=listed, on_call_tool=called)


async def serve_stdio(open_: Callable[[], Finder], asker: Asker) -> None:
    """Serve on standard input and output until the other side closes."""
    made = server(open_, asker)
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (incoming, outgoing):
        await made.run(incoming, outgoing, made.create_initialization_options())
