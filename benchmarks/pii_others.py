"""How much personal data the guardrail `pii` finds in sentences that others wrote, with values that others made.

    python -m benchmarks.pii_others FOLDER [--part development|held] [--missed] [--posts FILE]

The sentences are the templates of presidio-evaluator (MIT): what customers ask, and other short texts. Names, streets,
mails, phones and birthdays are of the 3,000 made-up people beside them (fakenamegenerator.com, CC BY-SA 3.0 US), of
many countries; cards, IBANs, addresses of machines and numbers of documents are by Faker. Nothing of them is kept here.
Every template is of one part: faults were mended by `development` alone, `held` was measured once. Each is filled ten
times. A value counts as found when findings cover at least nine tenths of it; a finding counts as right when it
overlaps a value. A town, state or country without a street is nobody's address: it counts as neither. Intervals are of
templates drawn anew, since texts of one template are found or missed together.

With `--posts` names of people alone are looked for in tagged posts, one word and its tag a line, such as the test part
of the emerging entities of 2017 (github.com/leondz/emerging_entities_17, CC BY 4.0): posts and comments as people type
them. Of these nothing was ever used for training or mending.
"""

import argparse
import csv
import hashlib
import random
import re
import subprocess
import sys
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from faker import Faker

from outrider.guardrails import Context, pii

SOURCE = "presidio-evaluator==0.3.2"
STRUCTURED = ("email", "phone", "card", "iban", "ip", "national_id", "licence", "birth_date")
KINDS = {
    "email": "email", "phone_number": "phone", "credit_card_number": "card", "iban": "iban", "ip_address": "ip",
    "ssn": "national_id", "us_driver_license": "licence", "date_of_birth": "birth_date", "address": "address",
    "street_name": "address", "building_number": "address", "secondary_address": "address", "postcode": "address",
    "zipcode": "address", "person": "person", "name": "person",
}  # fmt: skip
PLACES = ("city", "country", "state_abbr", "nationality", "nation_woman", "nation_plural")
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "it_IT", "es_ES", "nl_NL", "pl_PL")


class Value(NamedTuple):
    start: int
    end: int
    kind: str


def fetch(folder: Path) -> Path:
    """Where the package's data is; it is fetched once."""
    root = folder / "presidio-evaluator"
    if not root.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), SOURCE]
        subprocess.run(command, check=True)
        (wheel,) = folder.glob("presidio_evaluator-*.whl")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(root)
    return root / "presidio_evaluator" / "data_generator" / "raw_data"


def templates(data: Path, part: str) -> list[str]:
    """Those of one part, by the digest of the template."""
    lines = (data / "templates.txt").read_text("utf-8", errors="replace").splitlines()
    said = [line.replace("\\n", "\n") for line in lines if line.strip()]
    return [one for one in said if (hashlib.sha256(one.encode()).digest()[0] % 2 == 1) == (part == "held")]


def kind_of(slot: str) -> str:
    """What a slot's value is; "" for what is no personal data."""
    if slot in KINDS:
        return KINDS[slot]
    return "person" if re.match(r"(first|last)_name|name_", slot) else "place" if slot in PLACES else ""


def value(slot: str, who: dict[str, str], faker: Any) -> str:
    """One value for a slot: of the person, else made up."""
    street, town, code = who["StreetAddress"], who["City"], who["ZipCode"]
    own = {
        "email": who["EmailAddress"], "phone_number": who["TelephoneNumber"], "street_name": street,
        "address": f"{street}, {town} {code}", "city": town, "postcode": code, "zipcode": code,
        "country": who["CountryFull"], "state_abbr": who["State"], "organization": who["Company"],
        "date_of_birth": who["Birthday"], "job": who["Occupation"], "age": who["Age"], "url": who["Domain"],
        "person": f"{who['GivenName']} {who['Surname']}", "prefix": who["Title"],
        "building_number": str(random.randint(1, 300)), "nationality": who["NameSet"],
    }  # fmt: skip
    if slot in own:
        return own[slot]
    if slot.startswith(("name", "first_name", "last_name")):
        first = slot.startswith("first_name")
        return own["person"] if slot.startswith("name") else who["GivenName" if first else "Surname"]
    if slot.startswith("prefix"):
        return who["Title"]
    if slot == "us_driver_license":
        return faker.bothify("?#######").upper()
    if slot == "date_time":
        return str(faker.date())
    made = getattr(faker, {"ip_address": "ipv4_public"}.get(slot, slot), None)
    return str(made()) if made is not None else who["NameSet"]


def made(template: str, who: dict[str, str], faker: Any) -> tuple[str, list[Value]]:
    """A text and its values; parts of an address that stand together are one."""
    out, found = "", list[Value]()
    for at, piece in enumerate(_SLOT.split(template)):
        said = value(piece, who, faker) if at % 2 else piece
        kind = kind_of(piece) if at % 2 else ""
        if kind:
            joins = found and found[-1].kind == kind == "address" and len(out) - found[-1].end <= 3
            start = found.pop().start if joins else len(out)
            found.append(Value(start, len(out) + len(said), kind))
        out += said
    return out, found


def texts(folder: Path, part: str, times: int = 10) -> Iterator[tuple[int, str, list[Value]]]:
    """Each template of a part, filled so often: its number, the text and its values."""
    data = fetch(folder)
    with (data / "FakeNameGenerator.com_3000.csv").open(encoding="utf-8-sig") as file:
        people = list(csv.DictReader(file))
    random.seed(31)
    Faker.seed(31)
    fakers = [Faker(one) for one in _LOCALES]
    for at, template in enumerate(templates(data, part)):
        for _ in range(times):
            faker = fakers[0] if re.search("ssn|driver", template) else random.choice(fakers)
            yield (at, *made(template, random.choice(people), faker))


def posts(file: Path) -> Iterator[tuple[int, str, list[Value]]]:
    """Each tagged post: its number, the text put together again, and the people in it."""
    for at, block in enumerate(file.read_text("utf-8").strip().split("\n\n")):
        out, found = "", list[Value]()
        for line in block.splitlines():
            word, _, tag = line.partition("\t")
            glued = not out or re.match(r"[.,!?;:)\]%]|['’]\w|n't", word) or out[-1] in "([#@$"
            out += word if glued else f" {word}"
            start = len(out) - len(word)
            if tag.strip() == "I-person" and found and start - found[-1].end <= 1:
                start = found.pop().start
            if tag.strip().endswith("-person"):
                found.append(Value(start, len(out), "person"))
        yield at, out, found


class Tally:
    """Hits among tries, by template."""

    def __init__(self) -> None:
        self.of: dict[int, list[int]] = {}

    def add(self, at: int, *, hit: bool) -> None:
        one = self.of.setdefault(at, [0, 0])
        one[0], one[1] = one[0] + hit, one[1] + 1

    def __str__(self) -> str:
        every = np.array(list(self.of.values()) or [[0, 1]])
        draw = np.random.default_rng(1).integers(0, len(every), (2_000, len(every)))
        sums = every[draw].sum(1)
        low, high = np.quantile(100 * sums[:, 0] / sums[:, 1], (0.025, 0.975))
        hits, of = every.sum(0)
        return f"{100 * hits / of:5.1f} % ({low:.1f} to {high:.1f}, n = {of:,} in {len(every)} templates)"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=("development", "held"), default="held")
    parser.add_argument("--missed", action="store_true", help="print what was missed and what was wrong")
    parser.add_argument("--posts", type=Path, help="tagged posts to look for people in, instead")
    given = parser.parse_args()
    found_of, right, shown = defaultdict[str, Tally](Tally), Tally(), Counter[str]()
    context, times, count = Context(options=pii.Options(("person",) if given.posts else ())), list[float](), 0

    def show(why: str, text: str, start: int, end: int) -> None:
        if given.missed and shown[why] < 12:
            shown[why] += 1
            print(f"{why:18} {text[max(0, start - 25) : start]}>>{text[start:end]}<<{text[end : end + 15]}".encode())

    for at, text, values in posts(given.posts) if given.posts else texts(given.folder, given.part):
        count += 1
        began = time.perf_counter()
        found = pii.check(text, context)
        times.append((time.perf_counter() - began) * 1e3)
        for one in (v for v in values if v.kind != "place"):
            covered = sum(max(0, min(f.end, one.end) - max(f.start, one.start)) for f in found)
            hit = covered >= 0.9 * (one.end - one.start)
            for name in {one.kind, "all", "structured" if one.kind in STRUCTURED else "all"}:
                found_of[name].add(at, hit=hit)
            if not hit:
                show(f"missed {one.kind}", text, one.start, one.end)
        for f in found:
            met = {v.kind for v in values if v.start < f.end and f.start < v.end}
            if met != {"place"}:
                right.add(at, hit=bool(met))
            if not met:
                show(f"wrong {f.kind}", text, f.start, f.end)
    print(f"{count:,} texts of {given.posts or given.part}")
    for kind in sorted(found_of, key=lambda name: (name in ("structured", "all"), name)):
        print(f"{kind:12} {found_of[kind]}")
    print(f"precision    {right}")
    times.sort()
    print(
        f"cost         {times[len(times) // 2]:.1f} ms in the median, {times[int(len(times) * 0.95)]:.1f} at the 95th"
    )


if __name__ == "__main__":
    main()
