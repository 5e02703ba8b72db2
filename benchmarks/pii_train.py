# ruff: noqa: E501 -- templates, one a line
"""Train the tagger of people's names (`guardrails/_tagger.py`) and write its weights.

    python benchmarks/pii_train.py [--write]

People come from Faker's locales and stand in the templates below; texts without people are the docstrings of Python's
standard library and the pages of this repository, cities and companies are made up too. A fifth of all first and last
names (by a hash) and the locales of HELD are never trained on: `benchmarks/pii.py` measures on those, with templates of
its own.
"""

import argparse
import importlib
import inspect
import pkgutil
import random
import re
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from faker import Faker

from outrider.guardrails import _tagger

ROOT = Path(__file__).parents[1]
LOCALES = (
    "en_US",
    "en_GB",
    "en_AU",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "pt_BR",
    "nl_NL",
    "pl_PL",
    "sv_SE",
    "no_NO",
    "es_MX",
    "de_AT",
    "fr_CH",
    "hr_HR",
    "hu_HU",
)
HELD = ("en_CA", "en_IN", "fi_FI", "da_DK", "cs_CZ", "ro_RO", "pt_PT", "tr_TR", "de_CH", "fr_CA")
TEMPLATES = (
    "My name is {p}.", "I am {p} and I live in {c}.", "Dear {p},\n", "Hi {f},\n", "Hello {f}, thank you for your message.", "Best regards,\n{p}",
    "Kind regards,\n{f}", "Please contact {p} at {e}.", "{p} called about the invoice of {o}.", "The patient {p} was admitted on Monday.",
    "Name: {p}\n", "Customer: {p}\nCity: {c}\n", "Signed by {p} on behalf of {o}.", "{p} works for {o} in {c}.", "I spoke with {p} from {o} yesterday.",
    "Mr. {l} will attend the meeting.", "Ms {l} asked for a refund.", "Dr. {p} signed the report.", "cc: {p}, {p2}", "{p} and {p2} agreed on the terms.",
    "According to {p}, the project is late.", "The account belongs to {p}.", "Ship it to {p}, {c}.", "{f} said that she will come on Friday.", "Can you ask {f} about it?",
    "{f}'s manager is {p}.", "Employee {p} has been with {o} since March.", "Send the contract to {p} <{e}>.", "Attendees: {p}, {p2}, {p3}", "Reviewed by: {p}",
    "Meeting with {f} and {f2} at {o}.", "Our lawyer, {p}, wrote to {o}.", "Mein Name ist {p}.", "Sehr geehrter Herr {l},\n", "Sehr geehrte Frau {l},\n", "Frau {p} aus {c} hat angerufen.",
    "Ich heiße {p} und wohne in {c}.", "Mit freundlichen Grüßen\n{p}", "Der Vertrag mit {p} läuft aus.", "Je m'appelle {p}.", "Bonjour {f},\n", "Monsieur {l} habite à {c}.", "Cordialement,\n{p}",
    "Le dossier de {p} est complet.", "Me llamo {p} y vivo en {c}.", "Estimado señor {l}:\n", "Hola {f}, ¿cómo estás?", "Saludos,\n{p}", "Mi chiamo {p}.", "Gentile {p},\n", "Il signor {l} abita a {c}.",
    "Cordiali saluti\n{p}", "Meu nome é {p}.", "Prezado {p},\n", "Atenciosamente,\n{p}", "Mijn naam is {p}.", "Beste {f},\n", "Met vriendelijke groet,\n{p}", "Nazywam się {p}.", "Jag heter {p}.", "Hej {f}!\n",
    "{p} | {e} | {c}", "{l}, {f}", "Patient: {l}, {f}\n", "\"{p}\",\"{c}\",\"{e}\"\n", "name={p}; city={c}", '{{"name": "{p}", "city": "{c}"}}', "Assigned to {p} by {p2}.", "The tenant {p} has paid the rent.",
    "Birthday of {f} is in May.", "{p} was born in {c}.", "From: {p} <{e}>\nTo: {p2} <{e}>\n", "@{f} could you look at this?", "Thanks, {f}", "{p} wrote:\n", "It was {p} who found the bug.", "Witness {p} stated the following.",
    "The policy of Mrs {l} was cancelled.", "We hired {p} as an engineer.", "Passenger {p}, seat 12A.", "Driver: {p}, License: B1234567", "{p}, 34 years old, from {c}", "The keys are with {f} {l}.",
)  # fmt: skip
PLAIN = (
    "The headquarters of {o} are in {c}.", "{o} was founded in {c}.", "We travel from {c} to {c2} on Tuesday.", "In {c} the weather is fine.", "{o} announced new products.", "Visit {c} in June.",
    "The contract with {o} ends in December.", "Please Note: The Order From {o} Is Late.", "Invoice from {o}, {c}", "The Board of {o} met in {c}.", "City: {c}\n", "Company: {o}\n", "Order Number: 12345\n", "Dear Sir or Madam,\n",
    "Dear Customer,\n", "Dear Team,\n", "Hello World!", "Thank You For Your Order.", "Best Regards,\n", "Kind Regards,\nThe Support Team", "Credit Card: 4111\n", "Account Number: 12\n", "Phone: 1\nEmail: a\n", "Date of Birth: x\n",
    "Social Security Number: x\n", "Passport Number: x\n", "The University of {c} offers Courses in Computer Science.", "Sehr geehrte Damen und Herren,\n", "Madame, Monsieur,\n", "Die Firma {o} hat ihren Sitz in {c}.", "La société {o} est à {c}.",
    "We use Microsoft Azure, Google Cloud and Amazon Web Services.", "Python and JavaScript are Languages.", "The Model Context Protocol is a Standard.", "On Monday, Tuesday and Friday in January and March.", "Main Street in {c}", "Hi there,\n", "Hi All,\n",
)  # fmt: skip


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


def filled(template: str, fakers: list[Any], *, held: bool) -> tuple[str, list[tuple[int, int]]]:
    """A sentence and the spans of its names."""
    out, spans = "", list[tuple[int, int]]()
    for piece in re.split(r"(\{\w+\})", template.replace("{{", "\0").replace("}}", "\1")):
        slot = piece[1:-1] if piece.startswith("{") else ""
        if not slot:
            out += piece
            continue
        first, last = people(fakers, held=held)
        faker = random.choice(fakers)
        whole = random.choice(
            [f"{first} {last}"] * 8 + [f"{first} {random.choice('ABCDEFGHJKLMRST')}. {last}", f"{first[0]}. {last}"]
        )
        value = {"p": whole, "f": first, "l": last}.get(slot[0])
        if value is not None:
            spans.append((len(out), len(out) + len(value)))
        out += value if value is not None else {"c": faker.city, "o": faker.company, "e": faker.email}[slot[0]]()
    return out.replace("\0", "{").replace("\1", "}"), spans


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
    r"\b(?:by|from|to|with|for|of|and|that|or|when|if|as|because|than|while|told|after|before|is|was|;|,) (?:the |a |an |its |this )?[a-z]{3,}(?= [a-z])"
)
_FIRSTS = re.compile(r"(?:^|(?<=[.!?] )|(?<=\n))(?:The|This|A|An|Each|It|Every) (?:[a-z]+ )?(?=[a-z]+)")


def peopled(text: str, fakers: list[Any]) -> tuple[str, list[tuple[int, int]]]:
    """A piece of a document with people in the places of some of its things."""
    out, spans, last = "", list[tuple[int, int]](), 0
    for match in sorted([*_PLACES.finditer(text), *_FIRSTS.finditer(text)], key=lambda m: m.start()):
        if match.start() < last or random.random() < 0.6:
            continue
        first, last_name = people(fakers, held=False)
        name = random.choice([f"{first} {last_name}"] * 3 + [first])
        lead = match[0].split(" ")[0] + " " if match[0][:1].islower() or match[0][:1] in ",;" else ""
        out += text[last : match.start()] + lead
        spans.append((len(out), len(out) + len(name)))
        out += name + (" " if match[0].endswith(" ") else "")
        last = match.end()
    return out + text[last:], spans


def rows(text: str, spans: list[tuple[int, int]], drop: float) -> list[tuple[list[int], int]]:
    """Features of every candidate, and whether it is a name. Some words are forgotten, so that what stands around them
    is learned too."""
    said, made = _tagger.tokens(text), []
    for at, token in enumerate(said):
        if not _tagger.is_candidate(token):
            continue
        label = int(any(start <= token.start < end for start, end in spans))
        forget = label == 1 and random.random() < drop
        kept = [0 if forget and f[:2] in ("w=", "ws") else _tagger.bucket(f) for f in _tagger.features(said, at)]
        made.append((kept, label))
    return made


def train() -> np.ndarray:
    random.seed(6)
    Faker.seed(6)
    fakers = [Faker(one) for one in LOCALES]
    made: list[tuple[list[int], int]] = []
    for _ in range(240):
        for template in TEMPLATES:
            text, spans = filled(template, fakers, held=False)
            if random.random() < 0.5:  # in running text
                other, more = filled(random.choice(TEMPLATES + PLAIN), fakers, held=False)
                spans, text = [*spans, *((a + len(text) + 1, b + len(text) + 1) for a, b in more)], f"{text} {other}"
            made += rows(text, spans, 0.5)
    for _ in range(250):
        for template in PLAIN:
            made += rows(filled(template, fakers, held=False)[0], [], 0.0)
    texts = documents()
    for text in texts:
        made += rows(text[:20_000], [], 0.0)
    for _ in range(6000):
        text = random.choice(texts)
        at = random.randrange(max(1, len(text) - 500))
        made += rows(*peopled(text[at : at + 500], fakers), 0.6)
    x, y = np.array([r for r, _ in made], np.int32), np.array([label for _, label in made], np.float32)
    print(f"{len(y):,} words, {int(y.sum()):,} of names, {len(texts):,} documents without")
    weights = np.zeros(_tagger.BUCKETS, np.float32)
    squares = np.full(_tagger.BUCKETS, 1e-6, np.float32)
    chance = np.random.default_rng(6)
    for _ in range(6):
        for batch in np.array_split(chance.permutation(len(y)), max(1, len(y) // 256)):
            logit = weights[x[batch]].sum(1)
            error = (1 / (1 + np.exp(-logit)) - y[batch]) / len(batch)
            step = np.zeros_like(weights)
            np.add.at(step, x[batch], np.repeat(error[:, None], x.shape[1], 1))
            step[0] = 0.0
            touched = np.nonzero(step)[0]
            squares[touched] += step[touched] ** 2
            weights[touched] -= 0.08 * step[touched] / np.sqrt(squares[touched]) + 1e-5 * weights[touched]
    return np.clip(np.round(weights * _tagger.SCALE), -127, 127).astype(np.int8)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the weights into the package")
    asked = parser.parse_args()
    weights = train()
    print(f"{(weights != 0).sum():,} weights of {len(weights):,}")
    if asked.write:
        np.save(Path(_tagger.__file__).with_name(_tagger.FILE), weights)
