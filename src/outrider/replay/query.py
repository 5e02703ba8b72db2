"""Which runs a cohort has: words such as `route=support cost>0.05 since=7d`."""

import re
import shlex
from collections.abc import Container, Iterator

import msgspec

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.journal import where
from outrider.journal.projections.usage import is_apart
from outrider.journal.read import get_run, list_runs
from outrider.journal.rows import RunFilter
from outrider.replay.tongues import TONGUES
from outrider.replay.turns import IMPORTED
from outrider.store import Store

_WORD = re.compile(r"([a-z_]+)(>=|<=|>|<|=)(.*)", re.DOTALL)
_BOUNDS = {
    ("cost", ">"): "min_cost",
    ("cost", "<"): "max_cost",
    ("duration", ">"): "min_duration",
    ("ttft", ">"): "min_ttft",
}
_EQUAL = (*where.TEXTS, "status", "since", "until")
_PAGE = 500


class Found(msgspec.Struct, frozen=True):
    """A run to begin with. `preview` is its text in lists."""

    run: str
    preview: str


def parse(words: str, project: str) -> RunFilter:
    """The filter. Raises RequestError that names the word and says what there is."""
    try:
        parts = shlex.split(words)
    except ValueError as error:
        raise RequestError(f"`--where`: {error}", param="where") from None
    params: dict[str, str] = {}
    strict: list[str] = []
    for part in parts:
        match = _WORD.fullmatch(part)
        if match is None:
            raise _unknown(part)
        name, sign, value = match.groups()
        named = name if sign == "=" and name in _EQUAL else _BOUNDS.get((name, sign[0])) if sign != "=" else None
        if named is None:
            raise _unknown(part)
        if named in params:
            raise RequestError(f"`--where` says twice what {name} is", param="where")
        if not value:
            raise RequestError(f"`--where`: {part} says nothing", param="where")
        params[named] = value
        if len(sign) == 1 and sign != "=":
            strict.append(named)
    found = where.parse(params, project=project)
    for named in strict:  # the filter's own bounds are inclusive
        setattr(found, named, getattr(found, named) + (1 if named.startswith("min") else -1))
    return found


def find(store: Store, wanted: RunFilter, most: int, among: Container[bytes] | None = None) -> list[Found]:
    """The newest calls of models that fit, at most so many, oldest first. Of a session only the oldest one is taken:
    from it a replay goes on. Replays and experiments themselves are passed over, and what is not `among` these."""
    found: dict[str, Found] = {}
    for one, session in _calls(store, wanted, among):
        key = session or one.run
        if key not in found and len(found) == most:
            break
        found.pop(key, None)
        found[key] = one
    return list(found.values())[::-1]


def _calls(store: Store, wanted: RunFilter, among: Container[bytes] | None) -> Iterator[tuple[Found, str]]:
    before: int | None = None
    while True:
        page = list_runs(store, wanted, before=before, limit=_PAGE)
        for row in page.rows:
            if among is not None and row.id not in among:
                continue
            run = get_run(store, row.id) if row.name in TONGUES or row.source == IMPORTED else None
            if run is not None and not is_apart(run.tags):
                yield Found(ids.text(row.id), row.preview), row.session
        before = page.next
        if before is None:
            return


def _unknown(part: str) -> RequestError:
    bounds = ", ".join([*(f"{name}{sign}" for name, sign in _BOUNDS), "feedback=bad"])
    return RequestError(
        f"`--where` does not understand {part[:60]!r}; there are: {', '.join(f'{name}=' for name in _EQUAL)}, {bounds}",
        param="where",
    )
