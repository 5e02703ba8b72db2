"""Makes the bundled case studies (`src/outrider/casebook/data/cases.jsonl`) of notes in our own words.

    python .ci/bundled_casebook.py SYSTEMS.jsonl CASES.jsonl FOLDER_OF_THE_PUBLIC_DATABASE

A tag is written into a case's text only where our own words or the public page speak of it; each figure where the page
holds the number. The industry is that of the organisation, as we know it. What the page says is kept as offsets and a
hash of the passage, not as words. Entries without an address are left out, and those that tell of the same system
become one.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from outrider.casebook.bundled import Bundled, composed
from outrider.casebook.entries import Entry, source_type
from outrider.casebook.evidence import around, cite, find, text_hash
from outrider.casebook.extract import Found, found_in, stage_of
from outrider.casebook.imports import zenml
from outrider.casebook.records import Evidence, Result, Source
from outrider.casebook.vocabulary import KINDS, Kind, terms

ARTICLE = "https://www.zenml.io/blog/llmops-lessons-learned-navigating-the-wild-west-of-production-llms"
SAME = {
    "cursor-tab-online-rl": "online-reinforcement-learning-for-code-completion-at-scale",
    "cursor-fast-agent-model": "building-cursor-composer-a-fast-intelligent-agent-based-coding-model"
    "-with-reinforcement-learning",
    "pwc-automated-reasoning": "automated-reasoning-checks-in-amazon-bedrock-guardrails-for-responsible-ai-deployment",
}
"""Entries of the first list that tell of the same system as one of the second, found by organisation and system."""
_ALIASES = {
    "Dust.tt": ("Dust",),
    "Weights & Biases": ("Wandb",),
    "DoorDash": ("Doordash",),
    "LinkedIn": ("Linkedin",),
    "GitHub": ("Github",),
    "LangChain": ("Langchain",),
}


def main(systems: Path, cases: Path, database: Path) -> None:
    notes = [*_lines(cases), *_lines(systems)]
    counts: Counter[str] = Counter()
    made: list[Bundled] = []
    for note in notes:
        if note["id"] in SAME:
            counts["same as another"] += 1
        elif not (note.get("url") or note.get("source_url") or note.get("related_case_url")):
            counts["without an address"] += 1
        else:
            made.append(_bundled(note, database, counts))
    made.sort(key=lambda one: one.id)
    assert len({one.id for one in made}) == len(made)
    target = Path(__file__).parents[1] / "src" / "outrider" / "casebook" / "data" / "cases.jsonl"
    target.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in made))
    print(len(made), "cases,", target.stat().st_size, "bytes;", dict(counts))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _bundled(note: dict[str, Any], database: Path, counts: Counter[str]) -> Bundled:
    address = note.get("url") or note.get("source_url") or note.get("related_case_url") or ""
    page = _page(address, database)
    url = note["source_url"] if note.get("url") else (page.url if page else "")
    summary = note.get("summary", note["what_it_does"]).partition(" Reported:")[0].strip()
    organisation = note["organisation"]
    system = note["system"]
    names = organisation.lower() in system.lower()
    bare = Bundled(
        id=note["id"],
        title=system if names else f"{organisation}: {system}",
        organisation=organisation,
        aliases=_ALIASES.get(organisation, ()),
        system=system,
        year=note.get("year") or (page.year if page else 0),
        what_it_does=note["what_it_does"],
        summary=summary,
        lesson=note["lesson"],
        sources=_sources(note, address, url, page),
    )
    own = composed(bare)
    found = found_in(own, len(own))
    return msgspec.structs.replace(
        bare,
        tags=_tags(note, found, page, counts),
        results=tuple(_results(note, page, counts)),
    )


def _page(address: str, database: Path) -> Entry | None:
    path = database / f"{address.rstrip('/').rsplit('/', 1)[-1]}.md"
    if "/llmops-database/" not in address or not path.is_file():
        return None
    return zenml.read(path.name, path.read_bytes(), "2026-03-13")


def _sources(note: dict[str, Any], address: str, url: str, page: Entry | None) -> tuple[Source, ...]:
    found = []
    if "/llmops-database/" in address:
        read, hash_ = ("2026-03-13", text_hash(page.text)) if page else ("", "")
        found.append(Source("page", "article", address, page.title if page else "", read, hash_))
    else:
        found.append(Source("origin", source_type(address, note["organisation"]), address))
    if url and url != address:
        found.append(Source("origin", source_type(url, note["organisation"]), url))
    if any(f.startswith("001_") for f in note.get("seed_files", ())):
        found.append(Source("article", "article", ARTICLE))
    return tuple(found)


def _tags(note: dict[str, Any], own: Found, page: Entry | None, counts: Counter[str]) -> dict[Kind, dict[str, Any]]:
    """By kind, the tags that our words or the page speak of, with the page's passages."""
    words: dict[Kind, list[str]] = {
        "industries": [note["industry"]],
        "applications": note["application_types"],
        "techniques": note["techniques"],
        "tools": note.get("tools", []),
    }
    tags: dict[Kind, dict[str, Any]] = {}
    for kind in KINDS:
        for word in words[kind]:
            entry = terms().find(kind, word)
            assert entry is not None, word
            there = find("page", page.text, entry.evidence, most=1) if page and entry.evidence else ()
            held = kind == "industries" or bool(own.get((kind, word))) or bool(there)
            counts[f"{kind} {'held' if held else 'not held'}"] += 1
            if held:
                tags.setdefault(kind, {})[word] = [_unquoted(e) for e in there]
    if page:
        on_page = found_in(page.text, len(page.head))
        if stage := stage_of(len(page.head), on_page):
            (start, end), *_ = on_page[("stages", stage)]
            tags["stages"] = {stage: [_unquoted(cite("page", page.text, *around(page.text, start, end)))]}
            counts[f"stage {stage}"] += 1
    return tags


def _results(note: dict[str, Any], page: Entry | None, counts: Counter[str]) -> Any:
    for figure in note["reported_results"]:
        there = _figure_in(page.text, figure) if page else ()
        told = bool(there) or (page is None and bool(note.get("url") or note.get("source_url")))
        counts[f"figures {'held' if there else 'told by an address' if told else 'not held'}"] += 1
        if told:
            yield Result(
                metric=figure["metric"],
                value=figure["value"],
                before=figure["before"],
                after=figure["after"],
                unit=figure["unit"] or "",
                qualifier=figure.get("qualifier") or "",
                note=figure["note"] or "",
                said_by=note["organisation"],
                evidence=tuple(_unquoted(e) for e in there),
            )


def _figure_in(text: str, figure: dict[str, Any]) -> tuple[Evidence, ...]:
    """The passage that holds the figure's numbers and most words of its metric."""
    numbers = [n for n in (figure["value"], figure["before"], figure["after"]) if n is not None]
    words = {
        w[:5].lower()
        for w in re.findall(r"[A-Za-z]{3,}", f"{figure['metric']} {figure['unit'] or ''}".replace("_", " "))
    }
    best: tuple[int, tuple[Evidence, ...]] = (-1, ())
    for passage in find("page", text, _written(numbers[-1]), most=40) if numbers else ():
        quote = passage.quote.lower()
        if all(_written(n).search(passage.quote) for n in numbers):
            score = sum(w in quote for w in words)
            if score > best[0]:
                best = (score, (passage,))
    return best[1]


_SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def _written(number: float | str) -> re.Pattern[str]:
    """The ways in which a text may write a number."""
    if isinstance(number, str):
        ends = re.findall(r"\d[\d.,]*", number)
        return re.compile(r"\D{1,12}".join(re.escape(e) for e in ends) or re.escape(number))
    value = abs(number)
    forms = {f"{value:,}", f"{value}", f"{value:g}"}
    if value == int(value):
        forms |= {f"{int(value):,}", str(int(value))}
        if value <= 12:
            forms.add(_SPELLED[int(value)])
    for scale, words in ((1e3, "k|thousand"), (1e6, "m|million|mn"), (1e9, "b|billion|bn")):
        if value >= scale:
            short = rf"{value / scale:g}".replace(".", r"\.")
            forms.add(rf"re:{short}\s?(?:{words})\b")
    plain = [
        f.removeprefix("re:") if f.startswith("re:") else re.escape(f) for f in sorted(forms, key=len, reverse=True)
    ]
    return re.compile(rf"(?<![\d.,])(?:{'|'.join(plain)})(?!\d|[.,]\d)", re.IGNORECASE)


def _unquoted(evidence: Evidence) -> Evidence:
    return msgspec.structs.replace(evidence, quote="")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
