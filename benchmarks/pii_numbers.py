"""How well the guardrail `pii` tells telephone numbers, as people write them at home, from numbers that are none.

    python -m benchmarks.pii_numbers [--part fitted|kept] [--missed]

`pii_numbers.txt` beside it has the forms of numbers of some sixty countries, sentences in thirty languages (with a word
that says what the number is, and without), and lines with numbers that are nobody's: orders, amounts, dates, scores,
coordinates, parts of IBANs. Numbers are drawn at random, and again until `phonenumbers` calls them valid there.
Sentences and lines are of two parts, by their digest: what was wrong was mended by `fitted` alone, `kept` was measured
once. Both are by one hand. A number counts as found when a finding, of whatever kind, covers nine tenths of it.
"""

import argparse
import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import phonenumbers

from outrider.calibrate import intervals
from outrider.guardrails import Context, pii

_FILE = Path(__file__).with_name("pii_numbers.txt")
_ENGLISH = 8
"""Sentences in English for each country, beside all in its own languages."""


class Case(NamedTuple):
    """A text, its number (0, 0: it has none), and whose it is."""

    text: str
    start: int
    end: int
    group: str


def part_of(line: str) -> str:
    return "kept" if hashlib.sha256(line.encode()).digest()[0] % 2 else "fitted"


def sections() -> dict[str, list[str]]:
    """The lines of each part of the file."""
    found, name = defaultdict[str, list[str]](list), ""
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("== "):
            name = line[3:]
        elif line and not line.startswith("# "):
            found[name].append(line)
    return found


def drawn(form: str) -> str:
    """A form with digits: `#` any, `*` one from 1 to 9."""
    return "".join(random.choice("0123456789" if c == "#" else "123456789") if c in "#*" else c for c in form)


def number(form: str, region: str) -> str:
    """A number of a form, valid in its country where fifty draws found one."""
    for _ in range(50):
        said = drawn(form)
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(said, region)):
                return said
        except phonenumbers.NumberParseException:
            continue
    return said


def numbers(part: str) -> Iterator[Case]:
    """Sentences with a number in each."""
    held = sections()
    mine = [line for line in held["sentences"] if part_of(line) == part]
    sentences = [tuple(one.strip() for one in line.split("|", 2)) for line in mine]
    for line in held["forms"]:
        region, languages, *forms = (one.strip() for one in line.split("|"))
        own = [one for one in sentences if one[0] in languages.split() and one[0] != "en"]
        english = [one for one in sentences if one[0] == "en"]
        for _, told, sentence in [*own, *random.sample(english, _ENGLISH)]:
            fitting = [one for one in forms if told == "w" or not one.startswith("!")]
            said = number(random.choice(fitting).lstrip("!"), region)
            before, _, after = sentence.replace("\\n", "\n").replace("\\t", "\t").partition("{}")
            group = "with a word" if told == "w" else "bare"
            yield Case(before + said + after, len(before), len(before + said), group)


def others(part: str, times: int = 3) -> Iterator[Case]:
    """Lines without a telephone number."""
    for line in sections()["others"]:
        if part_of(line) == part:
            for _ in range(times):
                yield Case(drawn(line.removeprefix("~")), 0, 0, "other ids" if line[0] == "~" else "nobody's")


def share(hits: int, of: int) -> str:
    told = intervals.share(hits, of)
    return f"{100 * hits / of:5.1f} % ({100 * told.low:.1f} to {100 * told.high:.1f}, n = {of})"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", choices=("fitted", "kept"), default="fitted")
    parser.add_argument("--missed", action="store_true", help="print what was missed and what was wrong")
    given = parser.parse_args()
    random.seed(7)
    context, tally = Context(options=pii.Options()), defaultdict[str, list[int]](lambda: [0, 0])
    for case in [*numbers(given.part), *others(given.part)]:
        found = pii.check(case.text, context)
        phones = [one for one in found if one.kind == "phone"]
        names = [case.group]
        if case.end:
            covered = sum(max(0, min(one.end, case.end) - max(one.start, case.start)) for one in found)
            hit = covered >= 0.9 * (case.end - case.start)
            names.append("phones")
        else:
            hit = bool(phones)
            names = [f"taken for phones: {case.group}", "taken for phones: all"]
            if case.group == "nobody's":
                tally["taken for anything: nobody's"][0] += bool(found)
                tally["taken for anything: nobody's"][1] += 1
        for name in names:
            tally[name][0] += hit
            tally[name][1] += 1
        if given.missed and hit != bool(case.end):
            print("missed" if case.end else "wrong", repr(case.text), [case.text[f.start : f.end] for f in phones])
    for name, (hits, of) in tally.items():
        print(f"{name:28} {share(hits, of)}")


if __name__ == "__main__":
    main()
