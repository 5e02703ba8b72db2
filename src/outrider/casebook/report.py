"""What an import found: how far a set's own tags are supported, what was mended, merged and left out; per entry too."""

from collections import Counter, defaultdict
from typing import Any

import msgspec

from outrider.base.money import usd
from outrider.casebook import rows
from outrider.casebook.book import Casebook
from outrider.casebook.rows import Item


class Report(msgspec.Struct, omit_defaults=True):
    """A set as it was last imported. `outcomes` count entries. Tags are those that the set itself gives. `mended`
    counts by field what was missing or wrong in entries; `merged` are spellings by organisation; `worst` are the tool
    tags that the texts support least, as (tag, supported, all). Of a model that read them: `dropped` claims that their
    texts do not have, entries that it left `unread`, and its `cost` in nano-dollars."""

    origin: str
    entries: int
    outcomes: dict[str, int]
    tool_tags: int = 0
    tool_tags_supported: int = 0
    other_tags_unsupported: int = 0
    unknown_tags: dict[str, int] = {}
    claims: int = 0
    claims_unsupported: int = 0
    mended: dict[str, int] = {}
    merged: dict[str, list[str]] = {}
    same_source: int = 0
    near_duplicates: int = 0
    joined: int = 0
    doubtful: int = 0
    worst: list[tuple[str, int, int]] = []
    dropped: int = 0
    unread: int = 0
    cost: int = 0

    @property
    def supported(self) -> float:
        """The share of tool tags that the entry's own text names."""
        return self.tool_tags_supported / self.tool_tags if self.tool_tags else 1.0


def report(casebook: Casebook, origin: str) -> Report:
    """What the last import of every entry of `origin` found."""
    items = rows.items(casebook.store, origin)
    held, lacking, mended, unknown = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    merged: dict[str, set[str]] = defaultdict(set)
    made = Report(origin, len(items), dict(Counter(i.outcome for i in items)))
    for item in items:
        about = item.about
        held.update(about.get("tools", ()))
        lacking.update(about.get("tools_unsupported", ()))
        unknown.update(about.get("tags_unknown", ()))
        mended.update(fault.partition(":")[0] for fault in about.get("mended", ()))
        if about.get("written"):
            merged[about["organisation"]].add(about["written"])
        made.other_tags_unsupported += len(about.get("tags_unsupported", ()))
        made.claims += about.get("claims", 0)
        made.claims_unsupported += about.get("unsupported", 0)
        made.same_source += bool(about.get("same_source"))
        made.near_duplicates += bool(about.get("near_duplicates"))
        made.joined += bool(about.get("joined_with"))
        made.doubtful += bool(about.get("doubts"))
        made.dropped += len(about.get("dropped", ()))
        made.unread += bool(about.get("unread"))
        made.cost += about.get("cost", 0)
    made.tool_tags, made.tool_tags_supported = held.total() + lacking.total(), held.total()
    made.mended, made.unknown_tags = dict(mended.most_common()), dict(unknown.most_common())
    made.merged = {name: sorted(spellings) for name, spellings in sorted(merged.items())}
    made.worst = [(tag, held[tag], held[tag] + n) for tag, n in lacking.most_common(10)]
    return made


def of_entry(casebook: Casebook, origin: str, item: str) -> Item | None:
    """What the last import found in one entry."""
    found = rows.items(casebook.store, origin, item=item)
    return found[0] if found else None


def lines(made: Report) -> list[str]:
    """The report in words."""
    said = [f"{made.origin}: {made.entries:,} entries: {_counts(made.outcomes)}"]
    if made.tool_tags:
        said.append(
            f"Tool tags: {made.tool_tags_supported:,} of {made.tool_tags:,} ({made.supported:.0%}) are named in their"
            " entry's own text; the others are kept as unsupported and are not shown."
        )
    if made.worst:
        said.append("Least supported: " + ", ".join(f"{tag} {n} of {m}" for tag, n, m in made.worst))
    said.append(f"Other tags without support: {made.other_tags_unsupported:,}")
    said.append(f"Claims made: {made.claims:,}, of which unsupported: {made.claims_unsupported:,}")
    optional: list[tuple[Any, str]] = [
        (made.mended, f"Front matter mended or missing: {_counts(made.mended)}"),
        (made.unknown_tags, f"Tags that the vocabulary does not have: {_counts(made.unknown_tags)}"),
        (made.merged, f"Organisations under several spellings: {_merged(made.merged)}"),
        (made.same_source, f"Entries that share their source with another: {made.same_source}"),
        (made.near_duplicates, f"of which nearly the same: {made.near_duplicates}"),
        (made.joined, f"Joined with a case that was there: {made.joined}"),
        (made.dropped, f"Claims of a model that were refused, since the text does not have them: {made.dropped}"),
        (made.unread, f"Entries that the model did not read; the next import asks again: {made.unread}"),
        (made.cost, f"Spent on the model: {usd(made.cost)} USD"),
        (made.doubtful, f"Entries that do not show a deployment plainly: {made.doubtful}"),
    ]
    return [*said, *(words for there, words in optional if there)]


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda c: -c[1])[:12])


def _merged(merged: dict[str, list[str]]) -> str:
    return ", ".join(f"{name} ({', '.join(spellings)})" for name, spellings in list(merged.items())[:24])
