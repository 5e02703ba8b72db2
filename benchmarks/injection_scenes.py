"""Attacks in the places in which agents read them, and harmless texts in the same places and languages, to measure the
injection detector on: issues, comments, reviews, tool descriptions, mails, tickets, pages, data; and sentences in many
languages.

An attack and a harmless text stand in the same places, so that the place says nothing. `half` keeps to every other
line of a list: what is learned from the one half can be tried on the other. The model in the package was trained on
neither: that was tried, and was no better (docs/concepts/detectors.md).
"""

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchmarks import injection_phrases as phrases
from benchmarks.injection_corpus import Text

HERE = Path(__file__).parent
_JOINS = (". ", "! ", ", ", "\n", " - ", ": ")
_SLOT = re.compile(r"\{(\w+)\}")
Lists = dict[str, list[str]]


@cache
def lists(name: str) -> Lists:
    """The lists of a file, by their names."""
    found: Lists = {}
    for line in (HERE / name).read_text("utf-8").splitlines():
        if re.fullmatch(r"\[\w+\.\w+\]", line):
            found[line[1:-1]] = []
        elif found and line:
            found[next(reversed(found))].append(line.replace("\\n", "\n"))
    return found


def written(draw: random.Random, half: int | None = None) -> Iterator[Text]:
    """All of them. `half` 0 or 1: only that half of the lines of each list."""
    yield from _scenes(draw, half)
    yield from _spoken(draw, half)


def _of(found: Lists, name: str, half: int | None) -> list[str]:
    lines = found[name]
    return lines if half is None or name.endswith("places") or "fill" in name else lines[half::2]


def _filled(draw: random.Random, text: str, values: Lists) -> str:
    """With something in each slot; what is no slot stays."""
    for _ in range(3):
        text = _SLOT.sub(lambda m: draw.choice(values[m[1]]) if m[1] in values else m[0], text)
    return text


def _scenes(draw: random.Random, half: int | None, each: int = 700) -> Iterator[Text]:
    found = lists("injection_scenes.txt")
    values = {**phrases.FILL, **{n.removeprefix("fill."): v for n, v in found.items() if n.startswith("fill.")}}
    values["then"] = phrases.THEN["en"]
    for kind in ("code", "desk"):
        places, attacks, harmless = (_of(found, f"{kind}.{part}", half) for part in ("places", "attacks", "harmless"))
        for at in range(each):
            place = _filled(draw, draw.choice(places), values)
            said = _filled(draw, draw.choice(attacks), values)
            if draw.random() < 0.4:
                said = " ".join(draw.sample([said, _filled(draw, draw.choice(harmless), values)], 2))
            yield Text(place.replace("{here}", said), "attack", f"scenes: {kind}")
            place = _filled(draw, draw.choice(places), values)
            said = " ".join(_filled(draw, one, values) for one in draw.sample(harmless, 1 + at % 3))
            yield Text(place.replace("{here}", said), "look-alike", f"scenes: {kind}")


def _spoken(draw: random.Random, half: int | None, each: int = 40) -> Iterator[Text]:
    found = lists("injection_languages.txt")
    for language in dict.fromkeys(name.partition(".")[0] for name in found):
        own = {part: _of(found, f"{language}.{part}", half) for part in ("drop", "then", "role", "note", "calm")}
        values = {**phrases.FILL, "then": own["then"]}
        for at in range(each):
            shape = draw.choice(("drop then", "role", "role then", "drop role", "note", "then", "drop"))
            if shape == "note":
                said = draw.choice(own["note"])
            else:
                pieces = [draw.choice(own[part]) for part in shape.split()]
                said = draw.choice(_JOINS).join(one[:1].upper() + one[1:] for one in pieces) + draw.choice(".!\n ")
            said = _filled(draw, said, values).strip()
            if at % 3 == 0:
                said = draw.choice((" ", "\n")).join(draw.sample([said, draw.choice(own["calm"])], 2))
            yield Text(said, "attack", f"spoken: {language}")
            calm = draw.sample(own["calm"], min(len(own["calm"]), draw.choice((1, 1, 2, 3))))
            yield Text(draw.choice((" ", "\n")).join(calm), "look-alike", f"spoken: {language}")
