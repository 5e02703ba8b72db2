"""`/api/knowledge`: collections, their documents and jobs, and searching them.

Every key of a project reads and searches its collections and those that are everybody's. To make, fill, change or drop
one takes the right `knowledge`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from outrider.api import shapes_knowledge as shapes
from outrider.api.deps import Knowing
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.journal import where
from outrider.journal.events import CollectionChanged, DocumentChange, DocumentsChanged
from outrider.knowledge import embed, ingest
from outrider.knowledge.library import Library
from outrider.knowledge.recording import Asker, search_run
from outrider.knowledge.records import EVERYBODY, Collection, Query, Settings
from outrider.knowledge.sent import Sending
from outrider.limits import rights

MOST = 500

_NAME = Param("name", "The collection's name.")
_ID = Param("id", "The document's id.")
_JOB = Param("id", "The job's id.")
_AFTER = Param("after", "The `next` of the page before.")
_LIMIT = Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST})
_USER = Param("user", "For whom the key asks: only what they may read is shown.")
_GROUPS = Param("groups", "Groups of that user, with commas between.")
_AS_OF = Param("as_of", "A past moment: a span ago, a date, or RFC 3339.")


def knowing(ask: Ask) -> Knowing:
    """The process's knowledge. Raises RequestError 503 where it has none."""
    if ask.deps.knowledge is None:
        raise RequestError("this process serves no knowledge", status=503, code="not_served")
    return ask.deps.knowledge


def _library(ask: Ask) -> Library:
    return knowing(ask).library()


def _collection(ask: Ask) -> Collection:
    return _library(ask).collection(ask.who.project, ask.path["name"])


def _changeable(ask: Ask) -> Collection:
    """The collection, for who may change it. Raises RequestError 403, 404."""
    rights.require(ask.deps.store, ask.who, "knowledge")
    found = _collection(ask)
    if found.project != ask.who.project:
        raise RequestError(f"{found.name!r} is everybody's to read and is not changed here", status=403)
    return found


def principals(ask: Ask, user: str = "", groups: tuple[str, ...] = ()) -> frozenset[str]:
    """Who asks, as documents name their readers. Who the user is says whoever has the key."""
    who = ask.who
    named = (("project", who.project), ("key", who.key), ("team", who.team), ("user", user))
    found = {EVERYBODY, *(f"{kind}:{name}" for kind, name in named if name)}
    return frozenset(found | {f"group:{group}" for group in groups if group})


def _asking(ask: Ask) -> frozenset[str]:
    """The same, as a query string says it."""
    groups = (name.strip() for name in ask.query.get("groups", "").split(","))
    return principals(ask, ask.query.get("user", ""), tuple(groups))


def _state(ask: Ask, one: Collection) -> shapes.CollectionState:
    whose = (
        None if one.project == ask.who.project else principals(ask)
    )  # of what is everybody's, only what they may see
    return shapes.collection(one, _library(ask).status(one, whose), ask.who.project)


def _changed(ask: Ask, name: str, action: str) -> None:
    at, key = clock.now_ns(), ask.who.key
    event = CollectionChanged(ask.who.project, name, at, action, key)  # type: ignore[arg-type]  # one of its actions
    knowing(ask).record(event)


# -- collections ------------------------------------------------------------------------------------------------------


def list_(ask: Ask) -> shapes.CollectionList:
    return shapes.CollectionList([_state(ask, one) for one in _library(ask).collections(ask.who.project)])


def get(ask: Ask) -> shapes.CollectionState:
    return _state(ask, _collection(ask))


def create(ask: Ask) -> shapes.CollectionState:
    rights.require(ask.deps.store, ask.who, "knowledge")
    made = _library(ask).create(ask.who.project, ask.body.name, ask.body.apply(Settings()))
    _changed(ask, made.name, "made")
    return _state(ask, made)


def configure(ask: Ask) -> shapes.CollectionState:
    found, library = _changeable(ask), _library(ask)
    made = library.configure(found, ask.body.apply(found.settings))
    _changed(ask, made.name, "configured")
    if embed.request(library, knowing(ask).jobs(), made, ask.who.key) is not None:
        knowing(ask).wake()
    _wake_for_copies(ask)
    return _state(ask, made)


def drop(ask: Ask) -> shapes.Ended:
    """With all its documents and their history."""
    found = _changeable(ask)
    left = _library(ask).drop(found)
    _changed(ask, found.name, "dropped")
    _wake_for_copies(ask)
    return shapes.Ended(found.name, True, left)


def _wake_for_copies(ask: Ask) -> None:
    """Where another database keeps what is to go and does not answer, it is asked again later."""
    if _library(ask).left():
        knowing(ask).wake()


# -- documents --------------------------------------------------------------------------------------------------------


def _limit(ask: Ask, usual: int = 100) -> int:
    return where.whole("limit", ask.query["limit"], 1, MOST) if "limit" in ask.query else usual


def documents(ask: Ask) -> shapes.DocumentList:
    """Those that hold now, by id."""
    limit, seen = _limit(ask), _asking(ask)
    found = _library(ask).documents(_collection(ask), ask.query.get("after", ""), limit + 1, seen)
    shown = [shapes.document(d) for d in found[:limit]]
    return shapes.DocumentList(shown, shown[-1].id if len(found) > limit else None)


def document(ask: Ask) -> shapes.WholeDocument:
    library, found, seen = _library(ask), _collection(ask), _asking(ask)
    as_of = where.moment("as_of", ask.query["as_of"]) if ask.query.get("as_of") else 0
    one = library.document(found, ask.path["id"], as_of, seen)
    versions = [shapes.document(d) for d in library.versions(found, one.id, seen)]
    return shapes.WholeDocument(shapes.document(one), library.text(found, one), versions)


def remove(ask: Ask) -> shapes.Ended:
    """It ends now, and stays in the history; with `erase=true` all its versions are taken away for good, also of one
    that has ended."""
    library, found = _library(ask), _changeable(ask)
    erase = ask.query.get("erase", "false")
    if erase not in ("true", "false"):
        raise RequestError("`erase` is true or false", code="invalid_parameter", param="erase")
    one = (library.newest if erase == "true" else library.document)(found, ask.path["id"])
    library.remove(found, one.id, erase=erase == "true")
    change = DocumentChange(one.id, one.number, "erased" if erase == "true" else "ended", one.hash)
    event = DocumentsChanged(ask.who.project, found.name, clock.now_ns(), [change], key=ask.who.key)
    knowing(ask).record(event)
    _wake_for_copies(ask)
    return shapes.Ended(one.id, True)


def upload(ask: Ask) -> shapes.JobState:
    """Files become documents under their names. The fields `readers` and `meta` (JSON) say more of all of them."""
    found, fields = _changeable(ask), ask.body.fields
    known = {"readers", "meta"}
    if unknown := fields.keys() - known:
        name = sorted(unknown)[0][:80]
        raise RequestError(f"no field {name!r}; there are: file, meta, readers", code="unknown_parameter", param=name)
    readers = msgspec.convert(_json(fields, "readers", list[str]), tuple[str, ...] | None)
    asked = ingest.Asked(readers=readers, meta=_json(fields, "meta", dict) or {})
    return _begun(ask, found, asked, [(file.name, file.media, file.parts()) for file in ask.body.files])


def _json(fields: dict[str, str], name: str, type_: type) -> Any:
    if not fields.get(name):
        return None
    try:
        return msgspec.json.decode(fields[name], type=type_)
    except msgspec.DecodeError as error:
        raise RequestError(f"the field {name!r} cannot be used: {error}", code="invalid_body", param=name) from None


def sources(ask: Ask) -> shapes.JobState:
    """URLs are read by a job. Files of the server are not read for an API's caller: send them, or use the command
    line."""
    found = _changeable(ask)
    for source in ask.body.sources:
        if not source.startswith(("http://", "https://")):
            raise RequestError(
                f"{source[:100]!r} is no URL of the web. Send files with `POST …/files`; folders of the server are "
                "read by `outrider knowledge add` and by the configuration",
                param="sources",
            )
    readers = tuple(ask.body.readers) if ask.body.readers is not None else None
    return _begun(ask, found, ingest.Asked(ask.body.sources, ask.body.prune, readers, meta=ask.body.meta))


def _begun(ask: Ask, found: Collection, asked: ingest.Asked, files: Sequence[Sending] = ()) -> shapes.JobState:
    if asked.readers is not None and not asked.readers:
        raise RequestError('`readers` is empty, so nobody could read: name principals, or "*"', param="readers")
    job = ingest.request(knowing(ask).jobs(), found, asked, asker=ask.who.key, files=files)
    knowing(ask).wake()
    return shapes.job(job)


# -- jobs -------------------------------------------------------------------------------------------------------------


def jobs(ask: Ask) -> shapes.JobList:
    found = _collection(ask)
    return shapes.JobList([shapes.job(j) for j in knowing(ask).jobs().newest(found.project, found.name, most=50)])


def job(ask: Ask) -> shapes.JobState:
    return shapes.job(knowing(ask).jobs().get(ask.who.project, ask.path["id"]))


def items(ask: Ask) -> shapes.ItemList:
    all_, limit = knowing(ask).jobs(), _limit(ask)
    found = all_.get(ask.who.project, ask.path["id"])
    rows = all_.items(found.id, ask.query.get("outcome", ""), after=ask.query.get("after", ""), most=limit + 1)
    return shapes.items(rows, limit)


def cancel(ask: Ask) -> shapes.JobState:
    """What is done stays."""
    rights.require(ask.deps.store, ask.who, "knowledge")
    return shapes.job(knowing(ask).jobs().cancel(ask.who.project, ask.path["id"]))


# -- searching --------------------------------------------------------------------------------------------------------


def search(ask: Ask) -> shapes.Passages:
    found, wanted = _collection(ask), ask.body
    query = Query(
        wanted.query, wanted.limit, wanted.strategy, wanted.embedding,
        principals(ask, wanted.user, tuple(wanted.groups)), wanted.filters, wanted.documents,
        where.moment("as_of", wanted.as_of) if wanted.as_of else 0, wanted.outer, wanted.options,
    )  # fmt: skip
    model = None
    if wanted.model:
        if ask.deps.writer is None:
            raise RequestError("this process asks no routes", status=503, code="not_served", param="model")
        model = ask.deps.writer(ask.who, wanted.model, "knowledge")
    made = _library(ask).search(found, query, model)
    run, bodies = search_run(Asker(ask.who.project, ask.who.key, wanted.user[:200]), found, query, made)
    knowing(ask).record(run, bodies)
    return shapes.passages(made, ids.text(run.id))


_ONE = "/api/knowledge/collections/{name}"
ENDPOINTS = [
    Endpoint("GET", "/api/knowledge/collections", "Collections", shapes.CollectionList, read=list_),
    Endpoint(
        "POST",
        "/api/knowledge/collections",
        "Make a collection",
        shapes.CollectionState,
        read=create,
        takes=shapes.NewCollection,
        status=201,
    ),
    Endpoint("GET", _ONE, "A collection", shapes.CollectionState, read=get, params=[_NAME]),
    Endpoint(
        "PATCH",
        _ONE,
        "Change a collection",
        shapes.CollectionState,
        read=configure,
        takes=shapes.CollectionChange,
        params=[_NAME],
    ),
    Endpoint("DELETE", _ONE, "Drop a collection", shapes.Ended, read=drop, params=[_NAME]),
    Endpoint(
        "GET",
        f"{_ONE}/documents",
        "Documents of a collection",
        shapes.DocumentList,
        read=documents,
        params=[_NAME],
        query=[_AFTER, _LIMIT, _USER, _GROUPS],
    ),
    Endpoint(
        "GET",
        f"{_ONE}/documents/{{id}}",
        "A document with its text and history",
        shapes.WholeDocument,
        read=document,
        params=[_NAME, _ID],
        query=[_AS_OF, _USER, _GROUPS],
    ),
    Endpoint(
        "DELETE",
        f"{_ONE}/documents/{{id}}",
        "End a document",
        shapes.Ended,
        read=remove,
        params=[_NAME, _ID],
        query=[Param("erase", "`true`: take its text away for good.", {"type": "string", "enum": ["true", "false"]})],
    ),
    Endpoint(
        "POST",
        f"{_ONE}/files",
        "Send files",
        shapes.JobState,
        read=upload,
        params=[_NAME],
        files=True,
        status=202,
    ),
    Endpoint(
        "POST",
        f"{_ONE}/sources",
        "Read URLs",
        shapes.JobState,
        read=sources,
        takes=shapes.NewSources,
        params=[_NAME],
        status=202,
    ),
    Endpoint("GET", f"{_ONE}/jobs", "Jobs of a collection", shapes.JobList, read=jobs, params=[_NAME]),
    Endpoint("GET", "/api/knowledge/jobs/{id}", "A job", shapes.JobState, read=job, params=[_JOB]),
    Endpoint("DELETE", "/api/knowledge/jobs/{id}", "Cancel a job", shapes.JobState, read=cancel, params=[_JOB]),
    Endpoint(
        "GET",
        "/api/knowledge/jobs/{id}/items",
        "What became of each source",
        shapes.ItemList,
        read=items,
        params=[_JOB],
        query=[_AFTER, _LIMIT, Param("outcome", "Only those with this outcome, such as `fault`.")],
    ),
    Endpoint(
        "POST",
        f"{_ONE}/search",
        "Search a collection",
        shapes.Passages,
        read=search,
        takes=shapes.NewSearch,
        params=[_NAME],
    ),
]
