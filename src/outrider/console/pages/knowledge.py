"""Knowledge: the collections that the project sees, how far they are, and a form for a new one."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.console.deps import Knowing
from outrider.console.edge import Edge, View
from outrider.journal.events import CollectionChanged
from outrider.knowledge.library import Library
from outrider.knowledge.records import EVERYBODY, Collection, Settings, Status
from outrider.limits import rights


class Card(msgspec.Struct):
    """A collection with its counts. `shared`: everybody's to read, nobody's to change here. `jobs` are at work."""

    name: str
    about: str
    shared: bool
    documents: int
    chunks: int
    quarantined: int
    vectors: int
    waiting: int
    jobs: int


class Context(msgspec.Struct):
    """The collections. `form` are the fields of a new one as they were sent, `problem` what is wrong with them."""

    cards: list[Card]
    form: dict[str, str]
    may_change: bool
    problem: str = ""
    notice: str = ""


def knowing(view: View) -> Knowing:
    if view.deps.knowledge is None:
        raise RequestError("this process serves no knowledge", status=503, code="not_served")
    return view.deps.knowledge


def collection_of(view: View) -> tuple[Library, Collection]:
    """The collection of the address. Raises RequestError (404)."""
    library = knowing(view).library()
    return library, library.collection(view.session.project, view.path["name"])


def principals(view: View) -> frozenset[str]:
    """Who the session is to documents: everybody, its project, its key."""
    named = {EVERYBODY, f"project:{view.session.project}"}
    return frozenset(named | {f"key:{view.session.key}"} if view.session.key else named)


def status_of(view: View, library: Library, one: Collection) -> Status:
    """Its counts; of a collection that is everybody's, only what this project may see."""
    return library.status(one, None if one.project == view.session.project else principals(view))


def may_change(view: View, collection: Collection | None = None) -> bool:
    """Whether the session may change a collection (None: make one): with the right to, and only its project's own."""
    own = collection is None or collection.project == view.session.project
    return own and rights.has_right(view.deps.store, view.who, "knowledge")


def changeable(view: View) -> tuple[Library, Collection]:
    """The collection of the address, to be changed. Raises RequestError (403, 404)."""
    rights.require(view.deps.store, view.who, "knowledge")
    library, collection = collection_of(view)
    if collection.project != view.session.project:
        raise RequestError(f"{collection.name!r} is everybody's to read and is not changed here", status=403)
    return library, collection


def made(view: View, name: str, about: str) -> Collection:
    """A new collection of the project, in the record too. Raises RequestError (400, 403, 409)."""
    rights.require(view.deps.store, view.who, "knowledge")
    collection = knowing(view).library().create(view.session.project, name, Settings(about=about[:300]))
    knowing(view).record(CollectionChanged(collection.project, name, clock.now_ns(), "made", view.session.key))
    return collection


def load(view: View) -> Context:
    library, jobs = knowing(view).library(), knowing(view).jobs()
    cards = []
    for one in library.collections(view.session.project):
        status = status_of(view, library, one)
        open_ = sum(not job.ended for job in jobs.newest(one.project, one.name))
        cards.append(
            Card(
                one.name,
                one.settings.about,
                one.project != view.session.project,
                status.documents,
                status.chunks,
                status.quarantined,
                sum(status.vectors.values()),
                sum(status.waiting.values()),
                open_,
            )
        )
    return Context(cards, {}, may_change(view))


def routes(edge: Edge) -> list[Route]:
    async def make(view: View) -> Response | tuple[str, Context]:
        name, about = view.form.get("name", "").strip(), view.form.get("about", "").strip()
        try:
            await anyio.to_thread.run_sync(made, view, name, about)
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem, page.form = error.message, dict(view.form)
            return "knowledge.html", page
        return RedirectResponse(f"/knowledge/{name}", 303)

    return [
        *edge.page("/knowledge", load, "knowledge.html", part="knowledge_part.html"),
        edge.action("/knowledge", make),
    ]
