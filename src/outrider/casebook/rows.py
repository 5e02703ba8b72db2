"""The Casebook's rows: versions of cases, spellings of organisations, what became of imported entries."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import zstandard

from outrider.base import clock
from outrider.casebook.authors import unsigned
from outrider.casebook.records import CaseStudy, Version
from outrider.store import Store, Tx

LOCK = zlib.crc32(b"casebook") >> 1
"""Who writes the Casebook waits for others that do."""
_decoder = msgspec.json.Decoder(CaseStudy)


class Saved(NamedTuple):
    """A case that is to be written, and who says so."""

    case: CaseStudy
    who: str
    why: str


class Item(NamedTuple):
    """What became of an entry of an imported set. `about` is in JSON's types."""

    item: str
    hash: str
    outcome: str
    case_id: str
    about: dict[str, Any]
    at: int = 0


class Name(NamedTuple):
    """A spelling: `alias` is it folded, `written` as it was met."""

    alias: str
    canonical: str
    written: str


def packed(case: CaseStudy) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(msgspec.json.encode(case))


def unpacked(body: bytes) -> CaseStudy:
    """Without names of persons, which older versions have in their claims."""
    return unsigned(_decoder.decode(zstandard.ZstdDecompressor().decompress(body)))


def same(one: CaseStudy, other: CaseStudy) -> bool:
    """Whether two versions say the same."""
    plain = [msgspec.structs.replace(c, number=0, since=0) for c in (one, other)]
    return plain[0] == plain[1]


def put_all(tx: Tx, saved: Iterable[Saved], now: int = 0) -> list[CaseStudy]:
    """Write a new version of every case that says something new; the cases as they hold now."""
    now = now or clock.now_ns()
    done, changes = [], 0
    for signed, who, why in saved:
        case = unsigned(signed)
        rows = tx.query("SELECT max(number), max(since) FROM casebook_versions WHERE id = ?", (case.id,))
        number, before = int(rows[0][0] or 0), int(rows[0][1] or 0)
        held = tx.query("SELECT body FROM casebook_versions WHERE id = ? AND until = 0", (case.id,))
        if held and same(present := unpacked(bytes(held[0][0])), case):
            done.append(present)
            continue
        since = max(now, before + 1)
        case = msgspec.structs.replace(case, number=number + 1, since=since)
        tx.execute("UPDATE casebook_versions SET until = ? WHERE id = ? AND until = 0", (since, case.id))
        tx.execute(
            "INSERT INTO casebook_versions (id, number, since, until, origin, who, why, body)"
            " VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
            (case.id, case.number, since, case.origin, who, why, packed(case)),
        )
        done.append(case)
        changes += 1
    if changes:
        changed(tx)
    return done


def end(tx: Tx, id_: str, now: int = 0) -> bool:
    """The case is no longer in the Casebook; its versions stay. False: it was not."""
    ended = tx.execute(
        "UPDATE casebook_versions SET until = ? WHERE id = ? AND until = 0", (now or clock.now_ns(), id_)
    )
    if ended:
        changed(tx)
    return bool(ended)


def changed(tx: Tx) -> None:
    tx.execute("UPDATE casebook_revision SET revision = revision + 1")


def revision(store: Store) -> int:
    return int(store.query("SELECT revision FROM casebook_revision")[0][0])


def get(store: Store, id_: str) -> CaseStudy | None:
    rows = store.query("SELECT body FROM casebook_versions WHERE id = ? AND until = 0", (id_,))
    return unpacked(bytes(rows[0][0])) if rows else None


def number(tx: Tx, id_: str) -> int:
    """The version that holds (0: there is none)."""
    rows = tx.query("SELECT number FROM casebook_versions WHERE id = ? AND until = 0", (id_,))
    return int(rows[0][0]) if rows else 0


def live(store: Store) -> list[CaseStudy]:
    """Every case that holds now, by id."""
    rows = store.query("SELECT body FROM casebook_versions WHERE until = 0 ORDER BY id")
    return [unpacked(bytes(body)) for (body,) in rows]


def ids(store: Store) -> list[str]:
    return [row[0] for row in store.query("SELECT id FROM casebook_versions WHERE until = 0 ORDER BY id")]


def written_by(store: Store, who: str) -> set[str]:
    """Cases whose version that holds now is by `who`."""
    return {row[0] for row in store.query("SELECT id FROM casebook_versions WHERE until = 0 AND who = ?", (who,))}


def ended(store: Store) -> list[str]:
    """Cases that were withdrawn."""
    sql = "SELECT id FROM casebook_versions GROUP BY id HAVING min(until) > 0"
    return [row[0] for row in store.query(sql)]


def versions(store: Store, id_: str) -> list[Version]:
    """A case's history, the newest first."""
    sql = "SELECT body, who, why, since, until FROM casebook_versions WHERE id = ? ORDER BY number DESC"
    return [
        Version(unpacked(bytes(body)), who, why, since, until)
        for body, who, why, since, until in store.query(sql, (id_,))
    ]


# -- imported entries -------------------------------------------------------------------------------------------------


def put_items(tx: Tx, origin: str, items: Iterable[Item]) -> None:
    now = clock.now_ns()
    tx.executemany(
        "INSERT INTO casebook_items (origin, item, hash, outcome, case_id, about, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (origin, item) DO UPDATE SET hash = excluded.hash, outcome = excluded.outcome,"
        " case_id = excluded.case_id, about = excluded.about, at = excluded.at",
        [(origin, i.item, i.hash, i.outcome, i.case_id, msgspec.json.encode(i.about).decode(), now) for i in items],
    )


def hashes(store: Store, origin: str) -> dict[str, str]:
    """The hash that each entry of `origin` was last imported with."""
    return dict(store.query("SELECT item, hash FROM casebook_items WHERE origin = ?", (origin,)))


def items(
    store: Store, origin: str, *, item: str = "", outcome: str = "", after: str = "", most: int = 0
) -> list[Item]:
    """What became of the entries of `origin`, by name: of all, of one of them, or of those with this outcome; those
    behind the name `after`, and at most `most` (0: all)."""
    sql = "SELECT item, hash, outcome, case_id, about, at FROM casebook_items WHERE origin = ? AND item > ?"
    params: list[str | int] = [origin, after]
    for column, value in (("item", item), ("outcome", outcome)):
        if value:
            sql, params = f"{sql} AND {column} = ?", [*params, value]
    sql = f"{sql} ORDER BY item"
    rows = store.query(f"{sql} LIMIT ?" if most else sql, [*params, most] if most else params)
    return [
        Item(name, hash_, outcome, case, msgspec.json.decode(about), at)
        for name, hash_, outcome, case, about, at in rows
    ]


def origins(store: Store) -> dict[str, int]:
    """The sets that were imported, with the number of their entries."""
    return {o: int(n) for o, n in store.query("SELECT origin, count(*) FROM casebook_items GROUP BY origin")}


# -- names ------------------------------------------------------------------------------------------------------------


def names(store: Store) -> dict[str, Name]:
    """Every spelling that is known, by its folded form."""
    rows = store.query("SELECT alias, canonical, written FROM casebook_names")
    return {row[0]: Name(*row) for row in rows}


def put_names(tx: Tx, found: Sequence[Name], who: str) -> None:
    """Remember spellings; one that is known stays as it is."""
    now = clock.now_ns()
    tx.executemany(
        "INSERT INTO casebook_names (alias, canonical, written, who, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(*name, who, now) for name in found],
    )
