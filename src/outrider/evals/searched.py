"""What an answer had before it was given: the passages of its run's own search, or those that its agent's tools found.

A search of the run itself comes first. An agent searches by tools: their results are in the calls that its session
made through the tool gateway before the answer, in the conversation that the answer goes on from, or in the steps that
a program hands over. A tool is one that searches where its labels say so (`searches`), or where its result is a list of
passages.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.evals.records import Outcome
from outrider.journal import read
from outrider.journal.events import RunRecorded, Step
from outrider.journal.rows import RunFilter
from outrider.replay import recording, turns
from outrider.store import Store

MOST_RUNS = 1_000
"""Runs of a session that are looked at, the newest before the answer first."""
_PAGE = 200
ELSEWHERE = "elsewhere"
"""What labels say of a tool that searches what is not kept here."""
_LISTS = ("results", "hits", "passages", "documents", "matches", "chunks", "items", "kept", "data", "value", "result")
_TEXTS = ("text", "content", "page_content", "passage", "snippet", "chunk", "body", "excerpt", "abstract")
_SOURCES = ("source", "url", "uri", "link", "path", "file", "filename", "href")
_IDS = ("document", "document_id", "doc_id", "id")
_ASKED = ("query", "q", "question", "search", "search_query", "keywords", "text", "input", "prompt")
_DEPTH = 3
"""How deep in a result a list of passages may stand."""


class Passage(msgspec.Struct):
    """A passage as a run recorded it."""

    document: str
    source: str = ""
    title: str = ""
    text: str = ""


class Search(msgspec.Struct):
    """A search that was made, as far as it can be made again: `query` as it was searched with, by whom and as of which
    moment (ns; 0: as the collection is). `collection` "": it is not one of those here, or nobody said which."""

    query: str
    collection: str = ""
    strategy: str = ""
    as_of: int = 0
    principals: frozenset[str] = frozenset({"*"})


class Retrieved(msgspec.Struct):
    """What was found before an answer: the searches, the passages that were given, and `beyond` them those that a tool
    returned and that were cut off before anybody read them. `tool` made the searches ("": the route itself); `why` is
    why the answer was refused."""

    searches: list[Search]
    kept: list[Passage] = []
    beyond: list[Passage] = []
    tool: str = ""
    why: str = ""


class _Own(Search, kw_only=True):
    kept: list[Passage] = []
    why: str = ""


class _Found(msgspec.Struct):
    """What a call of a tool found: the `text` that a model reads, what was `given` in it, and the `whole` of it."""

    tool: str
    search: Search
    given: list[Passage]
    whole: list[Passage]
    text: str = ""


def retrieved(store: Store, project: str, outcome: Outcome) -> Retrieved | None:
    """What was found before an answer was given. None: nothing, or nothing of it is still there."""
    try:
        run = read.get_run(store, ids.parse(outcome.run))
    except ValueError:
        run = None
    if run is not None and run.project == project:
        own = _own(store, run)
        found = [] if own is not None else _by_tools(store, run)
        if own is not None or found:
            return own or _together(found)
    handed = [one for step in outcome.steps if (one := _of_step(step)) is not None]
    return _together(handed) if handed else None


def _together(found: Sequence[_Found]) -> Retrieved:
    """All of it, each passage once."""
    kept = {(one.source, one.document, one.text): one for call in found for one in call.given}
    whole = {(one.source, one.document, one.text): one for call in found for one in call.whole}
    names = ", ".join(dict.fromkeys(call.tool for call in found if call.tool))
    beyond = [one for key, one in whole.items() if key not in kept]
    return Retrieved([call.search for call in found], list(kept.values()), beyond, names or "the program")


# -- searches of routes -------------------------------------------------------------------------------------------


def _own(store: Store, run: RunRecorded) -> Retrieved | None:
    """The first search with passages that the run made itself."""
    for step in read.list_steps(store, run.id):
        if step.kind == "retrieval" and step.response is not None:
            body = read.get_body(store, run.project, step.response.sha256)
            try:
                told = msgspec.json.decode(body or b"", type=_Own)
            except msgspec.DecodeError:
                continue
            search = Search(told.query, told.collection or step.name, told.strategy, told.as_of, told.principals)
            return Retrieved([search], told.kept, why=told.why)
    return None


# -- searches by tools ----------------------------------------------------------------------------------------------


def _by_tools(store: Store, run: RunRecorded) -> list[_Found]:
    """Results that the answer's conversation has are what the model read; what the gateway knows of the same result is
    more. Where there are none, whatever the session found before the answer."""
    session = list(_of_session(store, run))
    known = {one.text: one for one in session}
    read_ = [known.get(one.text, one) for one in _of_conversation(store, run)]
    return [one for one in read_ if one.given] or session


def _of_session(store: Store, run: RunRecorded) -> Iterator[_Found]:
    """What the session of a run found before the answer, the first first: by the tool gateway, or by other routes."""
    for one in reversed(list(_before(store, run))):
        if one.name == recording.TOOL:
            found = _called(store, one)
            if found is not None:
                yield found
        elif (own := _own(store, one)) is not None:
            yield _Found(f"the route {one.route}", own.searches[0], own.kept, own.kept)


def _before(store: Store, run: RunRecorded) -> Iterator[RunRecorded]:
    if not run.session:
        return
    where = RunFilter(project=run.project, session=run.session, until=run.at + run.duration)
    seen, before = 0, None
    while seen < MOST_RUNS:
        page = read.list_runs(store, where, before=before, limit=_PAGE)
        for row in page.rows:
            seen += 1
            told = row.id != run.id and (row.name == recording.TOOL or row.steps)
            found = read.get_run(store, row.id) if told else None
            if found is not None:
                yield found
        before = page.next
        if before is None:
            return


def _called(store: Store, run: RunRecorded) -> _Found | None:
    """A call through the tool gateway. Its step has the server's whole result, the run what was given of it."""
    step = next((one for one in read.list_steps(store, run.id) if one.kind == "tool" and one.status == "ok"), None)
    if step is None or run.status != "ok":
        return None
    asked, said = _json(store, run, run.request), _json(store, run, run.response)
    labels = _labels(step)
    whole = _of_result(_json(store, run, step.response), labels is not None)
    if not whole:
        return None
    text = recording.told(said)
    given = _of_result(said, labels is not None) if _rows(said) or labels is not None else []
    given = given or [one for one in whole if _stands(one, text)]
    who = (("project", run.project), ("key", run.key), ("user", run.user))
    readers = frozenset({"*", *(f"{kind}:{name}" for kind, name in who if name)})
    search = Search(_query(asked.get("arguments")), labels or "", as_of=run.at, principals=readers)
    return _Found(run.route or step.name, _linked(store, run.project, said) or search, given, whole, text)


def _linked(store: Store, project: str, result: Mapping[str, Any]) -> Search | None:
    """The search of a collection here whose answer a tool handed on: answers of `/api/knowledge` name their run."""
    values = [result.get("structuredContent"), *(_decoded(one.get("text")) for one in result.get("content") or ()
                                                 if isinstance(one, Mapping))]  # fmt: skip
    for value in values:
        try:
            named = ids.parse(str(value["run"])) if isinstance(value, Mapping) and "run" in value else None
        except ValueError:
            continue
        run = read.get_run(store, named) if named is not None else None
        if run is None or run.project != project:
            continue
        step = next((one for one in read.list_steps(store, run.id) if one.kind == "retrieval"), None)
        if step is None:
            continue
        asked = _json(store, run, run.request)
        readers = frozenset({"*", *map(str, asked.get("principals") or ())})
        moment = asked.get("as_of")
        as_of = moment if isinstance(moment, int) and moment else run.at
        return Search(str(asked.get("query") or ""), step.name, str(asked.get("strategy") or ""), as_of, readers)
    return None


def _labels(step: Step) -> str | None:
    """The collection that a tool searches by its labels ("": one elsewhere); None: they say nothing of searching."""
    said = step.attrs.get("searches")
    return None if not isinstance(said, str) or not said else "" if said == ELSEWHERE else said


def _of_conversation(store: Store, run: RunRecorded) -> Iterator[_Found]:
    """Results of tools that the answer goes on from, also those that are no passages by themselves."""
    try:
        messages = turns.of_run(store, run).messages
    except ConfigError:
        return
    for tool, arguments, content in recording.called(messages):
        name, given = _unwrapped(tool, _decoded(arguments))
        said = {"content": content if isinstance(content, list) else [_text(content)]}
        passages = _of_result(said, False)
        search = _linked(store, run.project, said) or Search(_query(given))
        yield _Found(name, search, passages, passages, recording.told(said))


def _of_step(step: Mapping[str, Any]) -> _Found | None:
    """A step that a program hands over with its outcome: a retrieval with its passages, or a tool with its result."""
    if step.get("kind") == "retrieval":
        rows = [one for one in step.get("passages") or () if isinstance(one, Mapping)]
        passages = [_passage(one) for one in rows]
        search = Search(str(step.get("query") or ""), str(step.get("collection") or ""))
    elif step.get("kind") == "tool" and "result" in step:
        passages = [_passage(one) for one in _rows(step["result"])]
        search = Search(_query(step.get("arguments")))
    else:
        return None
    return _Found(str(step.get("name") or ""), search, passages, passages) if passages else None


# -- what a result says ---------------------------------------------------------------------------------------------


def _of_result(result: Mapping[str, Any], labelled: bool) -> list[Passage]:
    """The passages of an MCP result: its structured part, or a text that is JSON. Of a tool that searches by its
    labels, every other text is a passage, too."""
    rows = _rows(result.get("structuredContent"))
    if rows:
        return [_passage(one) for one in rows]
    found: list[Passage] = []
    for block in result.get("content") or ():
        text = str(block.get("text") or "") if isinstance(block, Mapping) and block.get("type") == "text" else ""
        rows = _rows(_decoded(text))
        found += [_passage(one) for one in rows]
        if labelled and text and not rows:
            found.append(Passage("", text=text))
    return found


def _rows(value: Any, depth: int = _DEPTH) -> list[Mapping[str, Any]]:
    """The first list of passages in a value: objects with a text that say whence it is, or how well it fits."""
    if isinstance(value, list):
        rows = [one for one in value if isinstance(one, Mapping)]
        return rows if rows and all(_is_passage(one) for one in rows) else []
    if not isinstance(value, Mapping) or not depth:
        return []
    inner = (_rows(_decoded(value[name]), depth - 1) for name in _LISTS if name in value)
    return next((rows for rows in inner if rows), [])


def _is_passage(row: Mapping[str, Any]) -> bool:
    about = _said(row)
    known = any(about.get(name) not in (None, "") for name in (*_SOURCES, *_IDS, "title", "score"))
    return known and any(isinstance(row.get(name), str) for name in _TEXTS)


def _passage(row: Mapping[str, Any]) -> Passage:
    about = _said(row)
    said = next((str(row[name]) for name in _TEXTS if isinstance(row.get(name), str)), "")
    source, id_ = (next((str(about[name]) for name in names if about.get(name)), "") for names in (_SOURCES, _IDS))
    return Passage(id_, source, str(about.get("title") or ""), said)


def _said(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a passage says of itself and its document: single values."""
    found: dict[str, Any] = {}
    for inner in (row.get("metadata"), row.get("document"), row):
        if isinstance(inner, Mapping):
            found |= {name: one for name, one in inner.items() if isinstance(one, str | int | float)}
    return found


def _query(arguments: Any) -> str:
    """What was searched for, by the names that such an argument has; else the only text among the arguments."""
    given = _decoded(arguments)
    if not isinstance(given, Mapping):
        return str(given or "") if isinstance(given, str) else ""
    named = next((given[name] for name in _ASKED if isinstance(given.get(name), str)), None)
    texts = [one for one in given.values() if isinstance(one, str)]
    return named if named is not None else texts[0] if len(texts) == 1 else ""


def _unwrapped(tool: str, arguments: Any) -> tuple[str, Any]:
    """The call that `call_tool` makes."""
    inner = arguments.get("name") if isinstance(arguments, Mapping) and tool == "call_tool" else None
    return (inner, arguments.get("arguments")) if isinstance(inner, str) else (tool, arguments)


def _stands(passage: Passage, text: str) -> bool:
    """Whether a passage stands in what was given, as it is or as JSON says it."""
    return bool(passage.text) and (passage.text in text or msgspec.json.encode(passage.text).decode()[1:-1] in text)


def _text(content: Any) -> Mapping[str, Any]:
    return {"type": "text", "text": content if isinstance(content, str) else ""}


def _decoded(said: Any) -> Any:
    if not isinstance(said, str | bytes):
        return said
    try:
        return msgspec.json.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return said


def _json(store: Store, run: RunRecorded, ref: Any) -> dict[str, Any]:
    body = read.get_body(store, run.project, ref.sha256) if ref is not None else None
    found = _decoded(body or b"")
    return found if isinstance(found, dict) else {}
