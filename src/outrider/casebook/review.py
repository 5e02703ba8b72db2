"""Entries and corrections that wait for a person: proposed, looked at beside what is there, accepted or rejected."""

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import zstandard

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.casebook import rows
from outrider.casebook.authors import PERSON
from outrider.casebook.book import OWN, Casebook
from outrider.casebook.contradictions import unmarked
from outrider.casebook.evidence import checked, find, name_pattern, supported, text_hash
from outrider.casebook.imports.table import slug
from outrider.casebook.records import FIELDS_OF_CLAIMS, CaseStudy, Claim, Evidence, Source, SourceType
from outrider.casebook.vocabulary import KINDS, terms
from outrider.store import Tx

State = Literal["waiting", "accepted", "rejected"]
IMPORTED = "import of "
"""How the reason of a proposal begins that an import makes."""
_PLAIN = ("title", "organisation", "system", "year", "what_it_does", "summary")
"""Fields that a correction may set to a value."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""What nobody writes in a form: it steers terminals and the direction of text, or no database keeps it."""
_COLUMNS = "id, case_id, base, state, who, why, at, decided_by, decided_at, reason, body, text"


class Review(msgspec.Struct, frozen=True):
    """A proposal. `base` is the version it changes (0: a new case), `text` the text of the case's own document ("": as
    it is). Times are nanoseconds."""

    id: str
    case_id: str
    base: int
    state: State
    who: str
    why: str
    at: int
    decided_by: str
    decided_at: int
    reason: str
    case: CaseStudy
    text: str


class Change(msgspec.Struct, frozen=True):
    """A field that a proposal changes, as words."""

    field: str
    before: str
    after: str


def propose(
    casebook: Casebook, case: CaseStudy, text: str = "", *, who: str, why: str, replaces: bool = True
) -> Review:
    """Put a case into the queue. What its text does not hold becomes unsupported here already. A proposal by the same
    person for the same case that still waits is replaced, unless several people write as `who` (`replaces` false)."""
    present = rows.get(casebook.store, case.id)
    case = unmarked(case)
    case = checked(case, lambda source: (text or None) if source == OWN and text else casebook.text(case, source))
    made = Review(
        f"rev_{ids.new_id().hex()}", case.id, present.number if present else 0, "waiting", who, why, clock.now_ns(),
        "", 0, "", case, text,
    )  # fmt: skip
    with casebook.store.write((rows.LOCK,)) as tx:
        if replaces:
            sql = "DELETE FROM casebook_reviews WHERE case_id = ? AND who = ? AND state = 'waiting'"
            tx.execute(sql, (case.id, who))
        tx.execute(
            f"INSERT INTO casebook_reviews ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*msgspec.structs.astuple(made)[:10], rows.packed(case), _pack(text)),
        )
    casebook.tell("proposed", [msgspec.structs.replace(case, number=made.base)], who=who, why=why)
    return made


def queue(
    casebook: Casebook, state: State | Literal[""] = "waiting", *, most: int = 100, who: str = ""
) -> list[Review]:
    """Proposals, the oldest that waits first; decided ones the newest first. `who`: only theirs."""
    wanted = {column: value for column, value in (("state", state), ("who", who)) if value}
    where = " AND ".join(f"{column} = ?" for column in wanted)
    sql, params = f"SELECT {_COLUMNS} FROM casebook_reviews{' WHERE ' if where else ''}{where}", tuple(wanted.values())
    order = "at" if state == "waiting" else "at DESC"
    return [_review(row) for row in casebook.store.query(f"{sql} ORDER BY {order} LIMIT ?", (*params, most))]


def waiting(casebook: Casebook, who: str = "") -> int:
    """How many proposals wait; `who`: only theirs."""
    sql = "SELECT count(*) FROM casebook_reviews WHERE state = 'waiting'"
    return int(casebook.store.query(f"{sql} AND who = ?" if who else sql, (who,) if who else ())[0][0])


def get(casebook: Casebook, id_: str) -> Review:
    """Raises RequestError (404)."""
    found = casebook.store.query(f"SELECT {_COLUMNS} FROM casebook_reviews WHERE id = ?", (id_,))
    if not found:
        raise _unknown(id_)
    return _review(found[0])


def _unknown(id_: str) -> RequestError:
    return RequestError(
        f"no proposal {id_[:80]!r}; `outrider casebook review` lists those that wait",
        status=404,
        code="unknown_review",
        param="id",
    )


def changes(casebook: Casebook, review: Review) -> list[Change]:
    """What would change, field by field."""
    held = rows.get(casebook.store, review.case_id)
    found = []
    for field in (*_PLAIN, "stage", "aliases", *FIELDS_OF_CLAIMS, "sources"):
        before, after = (_words(getattr(c, field)) if c is not None else "" for c in (held, review.case))
        if before != after:
            found.append(Change(field, before, after))
    return found


def accept(casebook: Casebook, id_: str, *, by: str, reason: str = "") -> CaseStudy:
    """Publish a proposal: a new version by its author. Raises RequestError (404; 409 when it was decided, or when the
    case changed since, also by somebody who decides at this very moment: one of them is told)."""
    review = _open(casebook, id_)
    present = rows.get(casebook.store, review.case_id)
    _check_base(review, present.number if present else 0)

    def decided(tx: Tx) -> None:
        _decide(tx, id_, "accepted", by, reason)
        _check_base(review, rows.number(tx, review.case_id))

    why = f"{review.why} (accepted by {by})" if review.why else f"accepted by {by}"
    case = casebook.put(review.case, review.text, who=review.who, why=why, first=decided)
    casebook.tell("accepted", [case], who=by, why=reason)
    return case


def _check_base(review: Review, number: int) -> None:
    if number != review.base:
        raise RequestError(
            f"{review.case_id} changed since this was proposed (version {review.base} then, {number} now): propose it"
            " again",
            status=409,
            code="case_changed",
            param="id",
        )


def reject(casebook: Casebook, id_: str, *, by: str, reason: str) -> Review:
    """Turn a proposal down. Raises RequestError (404, 409; 400 without a reason)."""
    if not reason.strip():
        raise RequestError("say why it is rejected: its author reads the reason", param="reason")
    turned_down = _open(casebook, id_)
    with casebook.store.write((rows.LOCK,)) as tx:
        _decide(tx, id_, "rejected", by, reason)
    case = msgspec.structs.replace(turned_down.case, number=turned_down.base)
    casebook.tell("rejected", [case], who=by, why=reason)
    return get(casebook, id_)


def _open(casebook: Casebook, id_: str) -> Review:
    review = get(casebook, id_)
    if review.state != "waiting":
        raise _over(review.state, review.decided_by)
    return review


def _decide(tx: Tx, id_: str, state: State, by: str, reason: str) -> None:
    """Only of one that still waits: of two who decide at once, the second is told."""
    decided = tx.execute(
        "UPDATE casebook_reviews SET state = ?, decided_by = ?, decided_at = ?, reason = ?"
        " WHERE id = ? AND state = 'waiting'",
        (state, by, clock.now_ns(), _clean(reason), id_),
    )
    if not decided:
        found = tx.query("SELECT state, decided_by FROM casebook_reviews WHERE id = ?", (id_,))
        raise _over(*found[0]) if found else _unknown(id_)


def _over(state: str, by: str) -> RequestError:
    return RequestError(f"it was {state} by {by}", status=409, code="review_over", param="id")


def corrected(casebook: Casebook) -> set[str]:
    """The cases that hold as a person corrected them."""
    sql = (
        "SELECT v.id FROM casebook_versions v JOIN casebook_reviews r"
        " ON r.case_id = v.id AND r.base = v.number - 1 AND r.who = v.who"
        f" WHERE v.until = 0 AND r.state = 'accepted' AND r.base > 0 AND r.why NOT LIKE '{IMPORTED}%'"
    )
    return {row[0] for row in casebook.store.query(sql)}


# -- what a person writes ---------------------------------------------------------------------------------------------


class Contribution(msgspec.Struct, omit_defaults=True, frozen=True, forbid_unknown_fields=True):
    """A new case or a correction as a person gives it: None leaves a field as it is. `id` "" is a new case. Tags are
    ids of the vocabulary; each needs a passage in `text`, as figures do (they are read from it). `base` is the version
    that was read before it was corrected (0: not said): one that changed since is not written over unseen."""

    id: str = ""
    base: int = 0
    title: str | None = None
    organisation: str | None = None
    system: str | None = None
    year: int | None = None
    what_it_does: str | None = None
    summary: str | None = None
    text: str | None = None
    url: str | None = None
    kind: SourceType = "article"
    industries: tuple[str, ...] | None = None
    applications: tuple[str, ...] | None = None
    techniques: tuple[str, ...] | None = None
    tools: tuple[str, ...] | None = None


def contribute(casebook: Casebook, given: Contribution, *, who: str, why: str = "", replaces: bool = True) -> Review:
    """Put a person's entry or correction into the queue, as `propose` does. Raises RequestError that names the field
    and the remedy."""
    given, why = _cleaned(given), _clean(why)
    _check(given)
    if not given.id:
        case, text = _new(given)
        if rows.get(casebook.store, case.id):
            raise RequestError(
                f"there is a case {case.id!r} already: correct it (give `id`), or choose another title",
                status=409,
                code="case_exists",
                param="title",
            )
        return propose(casebook, case, text, who=who, why=why or "new case", replaces=replaces)
    present = casebook.get(given.id)
    if given.base and given.base != present.number:
        raise RequestError(
            f"{present.id} changed while you wrote (you began with version {given.base}, it is {present.number} now):"
            " look at what changed, and send yours again if it still holds",
            status=409,
            code="case_changed",
            param="base",
        )
    return propose(casebook, *_corrected(casebook, present, given), who=who, why=why or "correction", replaces=replaces)


def _cleaned(given: Contribution) -> Contribution:
    texts = {f: _clean(v) for f, v in msgspec.structs.asdict(given).items() if isinstance(v, str)}
    return msgspec.structs.replace(given, **texts)


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def _check(given: Contribution) -> None:
    for field in ("title", "organisation", "text"):
        value = getattr(given, field)
        if (not given.id or value is not None) and not (value or "").strip():
            raise RequestError(f"`{field}` is missing: a case needs a title, an organisation and a text", param=field)
    if given.year is not None and given.year and not 1990 <= given.year <= 2100:
        raise RequestError(f"`year` {given.year} is none; leave it out if it is not known", param="year")
    if given.url and not given.url.startswith(("http://", "https://")):
        raise RequestError("`url` must begin with https:// or http://", param="url")
    for kind in KINDS:
        for word in getattr(given, kind) or ():
            if terms().find(kind, word) is None:
                import difflib

                near = difflib.get_close_matches(word, terms().by_id[kind], 3, 0.4)
                more = f"the nearest are {', '.join(near)}" if near else "see the vocabulary"
                raise RequestError(f"`{kind}`: no {word[:60]!r}; {more}", param=kind)


def _new(given: Contribution) -> tuple[CaseStudy, str]:
    from outrider.casebook.entries import Entry
    from outrider.casebook.extract import extracted

    title, organisation = (given.title or "").strip(), (given.organisation or "").strip()
    entry = Entry(
        item=slug(f"{organisation} {title}" if organisation.lower() not in title.lower() else title),
        hash="",
        title=title,
        organisation=organisation,
        system=given.system or "",
        year=given.year or 0,
        industries=given.industries or (),
        tags=(*(given.techniques or ()), *(given.tools or ()), *(given.applications or ())),
        summary=given.summary or "",
        body=(given.text or "").replace("\r\n", "\n"),
        url=given.url or "",
        kind=given.kind,
    )
    made = extracted(entry, origin="contributed")
    case = made.case
    if given.what_it_does:
        case = msgspec.structs.replace(case, what_it_does=given.what_it_does)
    return case, made.text


def _corrected(casebook: Casebook, case: CaseStudy, given: Contribution) -> tuple[CaseStudy, str]:
    """The case with what a person changed: tags and names with the passages of the text that hold them."""
    text = (given.text or "").replace("\r\n", "\n").strip() or casebook.text(case) or ""
    fields: dict[str, Any] = {f: v for f in _PLAIN if (v := getattr(given, f)) is not None}
    facts = dict(case.facts)
    for field in ("organisation", "system", "year"):
        if fields.get(field):
            value = str(fields[field])
            facts[field] = supported(value, find(OWN, text, name_pattern(value), most=1), PERSON)
    for kind in KINDS:
        words = getattr(given, kind)
        if words is not None:
            there = {c.value: c for c in getattr(case, kind)}
            fields[kind] = tuple(there.get(w) or _tag(kind, w, text) for w in words)
    if given.url and not any(s.url == given.url for s in case.sources):
        added = Source(f"s{len(case.sources) + 1}", given.kind, given.url)
        fields["sources"] = (*case.sources, added)
    changed = msgspec.structs.replace(case, facts=facts, **fields)
    return changed, text if given.text and text_hash(text) != _own_hash(case) else ""


def _own_hash(case: CaseStudy) -> str:
    own = case.source(OWN)
    return own.hash if own else ""


def _tag(kind: Any, word: str, text: str) -> Claim:
    entry = terms().find(kind, word)
    passages: tuple[Evidence, ...] = find(OWN, text, entry.evidence, most=2) if entry and entry.evidence else ()
    return supported(word, passages, PERSON)


# -- rows and words ---------------------------------------------------------------------------------------------------


def _pack(text: str) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(text.encode())


def _review(row: Any) -> Review:
    text = zstandard.ZstdDecompressor().decompress(bytes(row[11])).decode() if row[11] else ""
    plain: Any = (*row[:10], rows.unpacked(bytes(row[10])), text)
    return Review(*plain)


def _words(value: Any) -> str:
    """A field for people: tags by id, unsupported ones in brackets, figures in words."""
    if isinstance(value, tuple):
        return "\n".join(_words(v) for v in value)
    if isinstance(value, Claim):
        return value.value if value.status != "unsupported" else f"({value.value})"
    if isinstance(value, Source):
        return value.url or value.title
    if isinstance(value, Mapping):
        return "\n".join(f"{k}: {_words(v)}" for k, v in value.items())
    if hasattr(value, "metric"):
        from outrider.casebook.bundled import line

        return line(value)
    return str(value or "")
