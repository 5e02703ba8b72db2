"""One run: its facts, its steps as a tree with timing bars, its bodies, and how to do it again."""

import shlex

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.base.usage import Price
from outrider.console import readable, retrievals
from outrider.console.edge import Edge, View
from outrider.console.pages import configuration
from outrider.console.readable import Reading
from outrider.console.retrievals import Retrieval
from outrider.console.tree import Node, grow
from outrider.evals.proposals import words
from outrider.journal import config_query, read, where
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.journal.feedback_query import feedback_on

STEPS = 300
IN_COMMAND = 8_000
"""Bytes of a request body that are put into the curl line; a larger one is sent from a file."""

CUT = 64_000
"""Bytes of a raw or JSON body that a page shows."""

PATHS = {"chat.completions": "/v1/chat/completions", "embeddings": "/v1/embeddings"}
RETRIEVALS, LARGEST_RETRIEVAL = 5, 256_000
"""Steps whose findings a run's page shows, and bytes of what is read of each."""
MOST_STEPS = 40
FORMS = ("messages", "json", "raw")


class Slice(msgspec.Struct):
    """A stretch of the timing bar, in thousandths, with its length in nanoseconds."""

    name: str
    title: str
    left: float
    width: float
    ns: int


class Said(msgspec.Struct):
    """Feedback in words; `at` is nanoseconds, `by` whose key it was."""

    at: int
    words: str
    by: str


class Context(msgspec.Struct):
    """One run. `tree` is the first page of steps, `more` the address of the following ones or "".

    `curl` and `replay` are command lines; `price` is the one used by the last priced step. `retrievals` are the first
    steps of that kind, by id. `said` is feedback on it; `steps` are those that can become cases, `datasets` where to.
    `form` is what was typed, `problem` what is wrong with it, `done` what was done just now. `configuration` is what it
    was answered by (a digest; "": not on record, or not for who looks).
    """

    run: RunRecorded
    tree: list[Node]
    more: str
    timing: list[Slice]
    price: Price | None
    curl: str
    replay: str
    retrievals: dict[int, Retrieval] = {}
    said: list[Said] = []
    datasets: list[str] = []
    may_say: bool = False
    may_keep: bool = False
    steps: list[tuple[int, str]] = []
    form: dict[str, str] = {}
    problem: str = ""
    done: str = ""
    configuration: str = ""


class StepsContext(msgspec.Struct):
    """A further page of a long run's steps."""

    run: RunRecorded
    tree: list[Node]
    more: str


class BodyContext(msgspec.Struct):
    """One body in one of three forms. `gone` says that retention or a full spool took it."""

    run: RunRecorded
    which: str
    form: str
    forms: list[tuple[str, str, str]]
    raw: str
    size: int
    gone: bool
    reading: Reading | None = None
    text: str = ""
    cut: bool = False


def load(view: View) -> Context:
    run = run_of(view)
    steps = read.list_steps(view.store, run.id, limit=STEPS + 1)
    return Context(
        run=run,
        tree=grow(steps[:STEPS], run.duration),
        more=_more(run, 0, steps),
        timing=_timing(run),
        price=next((s.price for s in reversed(steps) if s.price is not None), None),
        curl=_curl(view, run),
        replay=f"outrider replay {ids.text(run.id)}",
        retrievals=_retrievals(view, run, steps),
        said=said_of(view, run=run.id),
        datasets=_datasets(view),
        may_say=view.deps.record is not None,
        may_keep=view.deps.experiments is not None,
        steps=[(s.id, f"{s.kind} {s.name}") for s in steps[:STEPS] if s.kind in ("model", "retrieval")][:MOST_STEPS],
        done=view.query.get("done", ""),
        configuration=_configuration(view, run),
    )


def _configuration(view: View, run: RunRecorded) -> str:
    row = config_query.configuration_of(view.store, run.id) if configuration.may_see(view) else None
    return row.sha256.hex() if row is not None else ""


def said_of(view: View, *, run: bytes = b"", session: str = "") -> list[Said]:
    """Feedback on a run or a session of the project, the newest first."""
    found = feedback_on(view.store, view.session.project, run=run, session=session, limit=20)
    return [Said(one.event.at, words(one), one.event.by or one.event.user) for one in found]


def _datasets(view: View) -> list[str]:
    desk = view.deps.experiments
    return [one.dataset for one in desk.datasets.newest(view.session.project)] if desk is not None else []


def _retrievals(view: View, run: RunRecorded, steps: list[Step]) -> dict[int, Retrieval]:
    found = {}
    for step in [s for s in steps if s.kind == "retrieval"][:RETRIEVALS]:
        body = None
        if step.response is not None and step.response.size <= LARGEST_RETRIEVAL:
            body = read.get_body(view.store, run.project, step.response.sha256)
        if (told := retrievals.read(step, body)) is not None:
            found[step.id] = told
    return found


def load_steps(view: View) -> StepsContext:
    run, offset = run_of(view), where.whole("offset", view.query.get("offset", "0"), 0, 10**9)
    steps = read.list_steps(view.store, run.id, offset=offset, limit=STEPS + 1)
    return StepsContext(run, grow(steps[:STEPS], run.duration), _more(run, offset, steps))


def load_body(view: View) -> BodyContext:
    """A body by its place: `request` or `response` of the run, or of a step (`?step=`)."""
    run, which = run_of(view), view.path["which"]
    ref, base = _ref(view, run)
    body = read.get_body(view.store, run.project, ref.sha256)
    form = view.query.get("form", "messages")
    if form not in FORMS:
        raise RequestError(f"give `form` as one of {', '.join(FORMS)}", code="invalid_parameter", param="form")
    step = f"&step={view.query['step']}" if view.query.get("step") else ""
    forms = [(name, name.capitalize() if name != "json" else "JSON", f"{base}?form={name}{step}") for name in FORMS]
    page = BodyContext(run, which, form, forms, f"{base}/raw" + step.replace("&", "?", 1), ref.size, body is None)
    return _show(page, body) if body is not None else page


def _show(page: BodyContext, body: bytes) -> BodyContext:
    if page.form == "messages":
        page.reading = readable.read(body, page.run.name)
        if page.reading is not None:
            return page
        page.form = "json"
    if page.form == "json" and (laid_out := readable.pretty(body)) is not None:
        page.text, page.cut = laid_out[:CUT], len(laid_out) > CUT
    else:
        page.form = "raw"
        page.text, page.cut = readable.text(body, CUT), len(body) > CUT
    return page


async def download(request: Request, view: View) -> Response:
    """A body as recorded, byte for byte, as a download."""

    def find() -> tuple[bytes | None, str]:
        run = run_of(view)
        ref, _ = _ref(view, run)
        return read.get_body(view.store, run.project, ref.sha256), f"{ids.text(run.id)}-{view.path['which']}"

    body, name = await anyio.to_thread.run_sync(find)
    if body is None:
        raise RequestError("this body is gone: retention or a full spool took it; the record is kept", status=404)
    kind = "text/event-stream" if body.startswith((b"data:", b"event:")) else "application/json"
    suffix = "json" if kind == "application/json" else "txt"
    headers = {"content-disposition": f'attachment; filename="{name}.{suffix}"', "content-security-policy": "sandbox"}
    return Response(body, media_type=kind, headers=headers)


def run_of(view: View) -> RunRecorded:
    """The run of the address. Raises RequestError 404."""
    run = read.get_run(view.store, view.path["id"].bytes)
    if run is None or run.project != view.session.project:
        raise RequestError(
            f"there is no run {view.path['id']} in the project {view.session.project!r}; a run appears about a second "
            "after its answer, and goes when retention removes it",
            status=404,
            code="run_not_found",
        )
    return run


def _ref(view: View, run: RunRecorded) -> tuple[BlobRef, str]:
    which = view.path["which"]
    if which not in ("request", "response"):
        raise RequestError("a body is `request` or `response`", status=404, code="body_not_found")
    owner: RunRecorded | Step = run
    if view.query.get("step"):
        number = where.whole("step", view.query["step"], 1, 2**64 - 1)
        owner = _step(view, run, number)
    ref: BlobRef | None = getattr(owner, which)
    if ref is None:
        raise RequestError(f"no {which} was recorded here", status=404, code="body_not_found")
    return ref, f"/runs/{ids.text(run.id)}/body/{which}"


def _step(view: View, run: RunRecorded, number: int) -> Step:
    offset = 0
    while steps := read.list_steps(view.store, run.id, offset=offset, limit=5000):
        for step in steps:
            if step.id == number:
                return step
        offset += len(steps)
    raise RequestError(f"the run has no step {number}", status=404, code="step_not_found")


def _more(run: RunRecorded, offset: int, steps: list[Step]) -> str:
    return f"/runs/{ids.text(run.id)}/steps?offset={offset + STEPS}" if len(steps) > STEPS else ""


def _timing(run: RunRecorded) -> list[Slice]:
    """Waiting, until the first token, and the rest, as stretches of the whole."""
    total = max(run.duration, 1)
    first = run.ttft if run.queue < run.ttft <= run.duration else run.duration
    stretches = [("queue", "waited", run.queue), ("first", "first token" if run.ttft else "answer", first - run.queue)]
    stretches.append(("rest", "rest of the answer", run.duration - first))
    slices, left = [], 0.0
    for name, title, ns in stretches:
        width = 1000 * max(0, ns) / total
        if ns > 0:
            slices.append(Slice(name, title, round(left, 1), round(width, 1), ns))
        left += width
    return slices


def _curl(view: View, run: RunRecorded) -> str:
    path = PATHS.get(run.name)
    if path is None or run.request is None:
        return ""
    data = "@request.json"
    if run.request.size <= IN_COMMAND:
        body = read.get_body(view.store, run.project, run.request.sha256)
        if body is not None and (text := _printable(body)) is not None:
            data = text
    return "\n".join(
        [
            f"curl {shlex.quote(view.origin + path)} \\",
            '  -H "Authorization: Bearer $OUTRIDER_KEY" \\',
            "  -H 'Content-Type: application/json' \\",
            f"  --data-binary {shlex.quote(data)}",
        ]
    )


def _printable(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or text.startswith("@") else text


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/runs/{id:uuid}", load, "run.html"),
        *edge.page("/runs/{id:uuid}/steps", load_steps, "run_steps.html", part="run_steps_part.html"),
        *edge.page("/runs/{id:uuid}/body/{which}", load_body, "run_body.html", part="run_body_part.html"),
        edge.raw("/runs/{id:uuid}/body/{which}/raw", download),
    ]
