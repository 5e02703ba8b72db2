"""Train the tagger of people's names (`guardrails/_tagger.py`) and write its weights.

    python benchmarks/pii_train.py [--write] [--all]

People come from Faker's locales and stand in the sentences of `pii_sentences.txt` and in the places of things in other
texts; texts without people are the docstrings of Python's standard library and the pages of this repository. Places
are those of `phonenumbers`, plain words those of Debian's `wamerican` (`/usr/share/dict/american-english`). A fifth of
all first and last names (by a hash) and the people of HELD are never trained on and not in the list of known names:
`benchmarks/pii.py` measures on those, with templates of its own. With `--all` they are known, too.
"""

import argparse
import importlib
import inspect
import pkgutil
import random
import re
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from faker import Faker

from outrider.guardrails import _tagger

ROOT = Path(__file__).parents[1]
SENTENCES = Path(__file__).with_name("pii_sentences.txt")
DICTIONARY = Path("/usr/share/dict/american-english")
LOCALES = ("en_US", "en_US", "en_GB", "en_AU", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE", "pt_BR")
"""Of firms and addresses."""
HELD = ("en_CA", "en_IN", "fi_FI", "da_DK", "cs_CZ", "ro_RO", "pt_PT", "tr_TR", "de_CH", "fr_CA")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'’-]{2,}")
_ENGLISH = ("en", "en_US", "en_GB", "en_AU", "en_CA", "en_NZ", "en_IE")
_BUSINESS = re.findall(
    r"[^|]+",
    "Inc|Ltd|LLC|Group|Holdings|Bank|Insurance|Realty|Properties|Motors|Stores|Market|Foods|Pizza|Grill|Cafe|Coffee"
    "|Hotel|Airlines|Travel|Media|News|Records|Studios|Fitness|Wireless|Software|Systems|Solutions|Technologies|Labs"
    "|Pharma|Clinic|School|Foundation|Services|Consulting|Management|Marketing|Design|Construction|Electric|Energy"
    "|Logistics|Transport|Furniture|Housewares|Garden|Hardware|Supply|Auto Parts|Fashion|Jewelers|Salon|Stationers",
)


def is_held(name: str) -> bool:
    """Whether a first or last name is kept for measuring."""
    return zlib.crc32(f"held:{name.lower()}".encode()) % 5 == 0


def people(fakers: list[Any], *, held: bool) -> tuple[str, str]:
    """First and last name of somebody."""
    for _ in range(200):
        faker = random.choice(fakers)
        first, last = faker.first_name(), faker.last_name()
        if (is_held(first) and is_held(last)) if held else not (is_held(first) or is_held(last)):
            return first, last
    return faker.first_name(), faker.last_name()


def lists() -> dict[str, tuple[list[str], list[str]]]:
    """First and last names of each of Faker's locales, in Latin letters."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    package = importlib.import_module("faker.providers.person")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        provider = importlib.import_module(f"{package.__name__}.{module.name}").Provider
        sides: tuple[set[str], set[str]] = (set(), set())
        for name in dir(provider):
            if re.fullmatch(r"(first|last)(_romanized)?_names?(_\w+)?", name):
                values = getattr(provider, name)
                if isinstance(values, list | tuple | dict):
                    sides[name.startswith("last")].update(
                        v for v in values if isinstance(v, str) and all(map(_LATIN.fullmatch, v.split()))
                    )
        if all(sides):
            found[module.name] = (sorted(sides[0]), sorted(sides[1]))
    return found


def places() -> Counter[str]:
    """Towns, regions and countries, and how often they are named."""
    from phonenumbers import geodata

    found = Counter[str]()
    for said in geodata.GEOCODE_DATA.values():
        for part in re.split(r"[,/()]", said.get("en", "")):
            if part.strip() and all(map(_LATIN.fullmatch, part.split())) and len(part.split()) <= 3:
                found[part.strip()] += 1
    faker = Faker("en_US")
    found.update({name: 9 for name in faker.provider("faker.providers.address").countries if len(name.split()) < 4})
    return found


class World:
    """What is put into the sentences."""

    def __init__(self, *, everybody: bool) -> None:
        self.everybody, self.lists, self.fakers = everybody, lists(), [Faker(one) for one in LOCALES]
        self.speakers = [Faker(one) for one in ("de_DE", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "en_US")]
        self.names = [one for one in self.lists if everybody or one not in HELD]
        self.towns = places()
        self.places = sorted(self.towns)
        self.dictionary = set(DICTIONARY.read_text("utf-8").splitlines())
        self.words = sorted(word for word in self.dictionary if re.fullmatch(r"[a-z]{3,10}", word))
        self.done = [word for word in self.words if re.fullmatch(r"[a-z]{3,8}ed", word)]
        self.peoples = sorted(w for w in self.dictionary if re.fullmatch(r"[A-Z][a-z]+(?:an|ese|ish)", w))

    def known(self) -> dict[str, int]:
        """What is known of each word."""
        held, bits = (lambda _: False) if self.everybody else is_held, dict[str, int]()
        for locale, sides in self.lists.items():
            for side, bit in zip(sides, (_tagger.FIRST, _tagger.LAST), strict=True):
                for word in {word for name in side for word in name.lower().split() if not held(name)}:
                    often = bit == _tagger.FIRST and locale in _ENGLISH and len(word) > 2
                    bits[word] = bits.get(word, 0) | bit | (_tagger.OFTEN if often else 0)
        for name, count in self.towns.items():
            if " " not in name and count > 2:
                bits[name.lower()] = (bits.get(name.lower(), 0) | _tagger.PLACE) & ~_tagger.OFTEN
        for word in self.dictionary:
            if word in bits or re.fullmatch(r"[a-z]{2,10}", word):
                bits[word] = (bits.get(word, 0) | _tagger.WORD) & ~_tagger.OFTEN
        for word in self.peoples:
            if bits.get(word.lower(), 0) & _tagger.FIRST == 0:
                bits[word.lower()] = _tagger.WORD
        return bits

    def person(self) -> tuple[str, str]:
        """First and last name; half of them as in English-speaking countries."""
        for _ in range(50):
            if random.random() < 0.4:
                faker = random.choice(self.fakers[:4])
                first, last = faker.first_name(), faker.last_name()
            else:
                sides = self.lists[random.choice(self.names)]
                first, last = random.choice(sides[0]), random.choice(sides[1])
            if self.everybody or not (is_held(first) or is_held(last)):
                break
        return first, last

    def title(self) -> str:
        """Words with capitals."""
        count = random.choice((1, 1, 2, 2, 2, 3, 4))
        return " ".join(self.brand() if random.random() < 0.2 else self.capital() for _ in range(count))

    def capital(self) -> str:
        return random.choice(self.words).capitalize()

    def brand(self) -> str:
        """A made-up word, or letters."""
        one, two = random.choice(self.words), random.choice(self.words)
        letters = "".join(random.choices("ABCDEFGHILMNOPRSTUVX", k=random.choice((2, 3, 3, 4))))
        mixed = one[: random.choice((2, 3, 4))] + two[-random.choice((2, 3, 4)) :]
        return random.choice([mixed.capitalize(), mixed.capitalize(), one.capitalize() + two.capitalize(), letters])

    def firm(self) -> str:
        last = self.person()[1]
        return random.choice(
            [lambda: random.choice(self.fakers).company()] * 3
            + [lambda: f"{self.title()} {random.choice(_BUSINESS)}", lambda: f"{last} {random.choice(_BUSINESS)}"]
            + [lambda: f"{last} & {self.person()[1]}", lambda: f"{last} and Sons", self.title, self.title, self.brand]
        )()

    def value(self, slot: str) -> str:
        """One value that names nobody."""
        faker = random.choice(self.fakers)
        if slot == "a":
            return str(faker.address()).replace("\n", random.choice(("\n", ", ", ", ")))
        return str(
            {
                "c": lambda: random.choice(self.places), "o": self.firm, "w": self.title, "e": faker.email,
                "t": faker.phone_number, "j": self.fakers[0].job, "x": lambda: random.choice(self.words),
                "m": self.fakers[0].month_name, "g": lambda: random.choice(self.peoples), "b": self.brand,
                "v": lambda: random.choice(self.done), "k": self.capital,
                "s": lambda: random.choice(self.speakers).sentence(),
                "d": lambda: faker.date_this_century().strftime(random.choice(["%d.%m.%Y", "%Y", "%d %B %Y", "%B %d"])),
            }[slot]()
        )  # fmt: skip

    def filled(self, template: str) -> tuple[str, list[tuple[int, int]]]:
        """A sentence and the spans of its names."""
        out, spans = "", list[tuple[int, int]]()
        for piece in re.split(r"(\{\w\})", template.replace("{{", "\0").replace("}}", "\1")):
            slot = piece[1] if re.fullmatch(r"\{\w\}", piece) else ""
            if slot not in ("p", "f", "l", "n"):
                out += self.value(slot) if slot else piece
                continue
            first, last = self.person()
            whole = [f"{first} {last}"] * 8 + [f"{first} {random.choice('ABCDEFGHJKLMRST')}. {last}"]
            whole.append(f"{first[0]}. {last}")
            said = {"p": random.choice(whole), "f": first, "l": last, "n": random.choice([first, last])}[slot]
            spans.append((len(out), len(out) + len(said)))
            out += said
        out = out.replace("\0", "{").replace("\1", "}")
        way = random.random()
        other = out.lower() if way < 0.06 else out.upper() if way < 0.08 else out
        return (other if len(other) == len(out) else out), spans


def sentences() -> list[str]:
    lines = SENTENCES.read_text("utf-8").splitlines()
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in lines if line and not line.startswith("# ")]


def documents() -> list[str]:
    """Texts without people."""
    found = [p.read_text("utf-8") for p in (ROOT / "docs").rglob("*.md")]
    for module in pkgutil.iter_modules():
        if (
            module.name in sys.stdlib_module_names
            and not module.name.startswith("_")
            and module.name not in ("antigravity", "this", "idlelib")
        ):
            try:
                loaded = importlib.import_module(module.name)
            except ImportError:
                continue
            for _, one in [("", loaded), *inspect.getmembers(loaded)]:
                found.append(inspect.getdoc(one) or "")
    return [text for text in found if len(text) > 40]


_PLACES = re.compile(
    r"\b(?:by|from|to|with|for|of|and|that|or|when|if|as|because|than|while|told|after|before|is|was|;|,)"
    r" (?:the |a |an |its |this )?[a-z]{3,}(?= [a-z])"
)
_FIRSTS = re.compile(r"(?:^|(?<=[.!?] )|(?<=\n))(?:The|This|A|An|Each|It|Every) (?:[a-z]+ )?(?=[a-z]+)")


def peopled(text: str, world: World) -> tuple[str, list[tuple[int, int]]]:
    """A piece of a document with people in the places of some of its things."""
    out, spans, last = "", list[tuple[int, int]](), 0
    for match in sorted([*_PLACES.finditer(text), *_FIRSTS.finditer(text)], key=lambda m: m.start()):
        if match.start() < last or random.random() < 0.6:
            continue
        first, last_name = world.person()
        name = random.choice([f"{first} {last_name}"] * 3 + [first])
        lead = match[0].split(" ")[0] + " " if match[0][:1].islower() or match[0][:1] in ",;" else ""
        out += text[last : match.start()] + lead
        spans.append((len(out), len(out) + len(name)))
        out += name + (" " if match[0].endswith(" ") else "")
        last = match.end()
    return out + text[last:], spans


def rows(text: str, spans: list[tuple[int, int]], drop: float) -> list[tuple[list[int], int]]:
    """Features of every candidate, and whether it is a name. Some words are forgotten, and some are not known as
    names, so that what stands around them is learned too."""
    said, made = _tagger.tokens(text), []
    unknown = random.choice((0.0, 0.5, 1.0))
    for token in said:
        if token.kind and any(start <= token.start < end for start, end in spans):
            token.kind = 0 if random.random() < unknown else token.kind
        elif token.kind and random.random() < 0.1:
            token.kind = 0
    for at, token in enumerate(said):
        if not _tagger.is_candidate(said, at):
            continue
        label = int(any(start <= token.start < end for start, end in spans))
        forget = random.random() < (drop if label else drop / 2)
        kept = [0 if forget and f[:2] in ("w=", "ws") else _tagger.bucket(f) for f in _tagger.features(said, at)]
        made.append((kept, label))
    return made


def examples(world: World, times: int) -> list[tuple[list[int], int]]:
    made, lines = [], sentences()
    for _ in range(times):
        for template in lines:
            text, spans = world.filled(template)
            while random.random() < 0.5:  # in running text
                other, more = world.filled(random.choice(lines))
                gap = random.choice((" ", " ", "\n", "\n\n"))
                spans = [*spans, *((a + len(text) + len(gap), b + len(text) + len(gap)) for a, b in more)]
                text = f"{text}{gap}{other}"
            made += rows(text, spans, 0.5)
    return made


def documented(world: World) -> list[tuple[list[int], int]]:
    """Documents without people, as they are, in headline's letters, and with people in the places of things."""
    texts, made = documents(), []
    for text in texts:
        made += rows(text[:20_000], [], 0.0)
    for _ in range(8000):
        text = random.choice(texts)
        at = random.randrange(max(1, len(text) - 500))
        piece = text[at : at + 500]
        made += rows(*peopled(piece, world), 0.6)
        if random.random() < 0.2:
            made += rows(" ".join(w[:1].upper() + w[1:] for w in piece[:120].split(" ")), [], 0.0)
        if random.random() < 0.2:
            made += rows(piece.lower(), [], 0.0)
    return made


def fitted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The weights that tell names from others."""
    weights = np.zeros(_tagger.BUCKETS, np.float32)
    squares = np.full(_tagger.BUCKETS, 1e-6, np.float32)
    chance = np.random.default_rng(6)
    for _ in range(5):
        for batch in np.array_split(chance.permutation(len(y)), max(1, len(y) // 512)):
            logit = weights[x[batch]].sum(1)
            error = (1 / (1 + np.exp(-logit)) - y[batch]) / len(batch)
            cells, where = np.unique(x[batch], return_inverse=True)
            step = np.bincount(where.ravel(), np.repeat(error, x.shape[1]), len(cells)).astype(np.float32)
            step[cells == 0] = 0.0
            squares[cells] += step**2
            weights[cells] -= 0.08 * step / np.sqrt(squares[cells]) + 1e-5 * weights[cells]
    return np.clip(np.round(weights * _tagger.SCALE), -127, 127).astype(np.int8)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the weights into the package")
    parser.add_argument("--all", action="store_true", help="with the names that are kept for measuring")
    parser.add_argument("--times", type=int, default=100, help="how often each sentence is filled")
    asked = parser.parse_args()
    random.seed(6)
    Faker.seed(6)
    world = World(everybody=asked.all)
    known = sorted({_tagger.digest(word) | bits for word, bits in world.known().items()})
    words = np.array(known, np.uint32)
    _tagger._model = lambda: ([], known)  # type: ignore[assignment]  # what is known, before there are weights
    made = [*examples(world, asked.times), *documented(world)]
    x, y = np.array([r for r, _ in made], np.int32), np.array([label for _, label in made], np.float32)
    print(f"{len(y):,} words, {int(y.sum()):,} of names, {len(words):,} known")
    weights = fitted(x, y)
    print(f"{(weights != 0).sum():,} weights of {len(weights):,}")
    if asked.write:
        np.savez_compressed(
            Path(_tagger.__file__).with_name(_tagger.FILE), weights=weights, words=np.diff(words, prepend=np.uint32(0))
        )


if __name__ == "__main__":
    main()
