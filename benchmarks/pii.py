# ruff: noqa: E501 -- templates, one a line
"""How much personal data the guardrail `pii` finds in letters, tickets and records, and what it costs.

    python benchmarks/pii.py [--texts 1500] [--missed]

Each text is a letter, ticket, record or note made of templates of its own, with values by Faker. What it missed was
looked at in development; `pii_others.py` has texts of which that is not so. The weights that ship know Faker's names:
`pii_train.py --write` without `--all` makes some that know none of those that stand here. A value counts as found when a finding covers at least nine tenths of it. A finding
counts as right when it overlaps a value; what is not personal data (companies, dates, order numbers, versions, prices)
stands in the texts too.
"""

import argparse
import random
import re
import time
from collections import Counter
from typing import Any

from faker import Faker
from pii_train import HELD, people  # type: ignore[import-not-found]  # beside this script

from outrider.calibrate import intervals
from outrider.guardrails import Context, pii

STRUCTURED = ("email", "iban", "card", "national_id", "ip", "mac", "swift", "phone", "birth_date", "crypto")
TEXTS = (
    "To whom it may concern,\nthis is to certify that {person} (born {dob}) has been employed by {company} since {date}. For questions write to {email} or dial {phone}.\n",
    "Ticket #48213 | priority high\nReporter: {person}\nThe user cannot sign in from {ip}. MAC of the adapter is {mac}. Error code 0x80070005, build 10.0.19045. Callback: {phone}\n",
    "Hey {first}, did you see that {company} raised prices by 12.5 % on {date}? I told {person} about it. Send the money to {iban} (BIC {swift}) when you can.\n",
    "Claim 2024-99817. Insured: {person}, {address}. Social security number: {national_id}. Amount: 1,250.00 EUR.\n",
    "{person} paid with card {card}, exp 09/27, for order 7784512. Delivery address:\n{address}\n",
    "Minutes: {person} opened the meeting at 10:15. {first} reported on the budget (3 400 000). Next meeting: {date}, room 204. Absent: {person}.\n",
    "The wallet {crypto} received 0.5 BTC on {date}. The owner may be {person}, reachable at {email}.\n",
    "Lease between {company} and {person}, residing at {address}. Rent: 1,100 per month, due on the 3rd. IBAN: {iban}.\n",
    "Anamnesis: {person}, DOB {dob}, national ID {national_id}, presents with a cough since {date}. Emergency contact: {person}, {phone}.\n",
    "192.168 is a prefix, version 2.4.1 is out, and the Summer Sale starts on {date}. See Chapter 7 of the Manual. Acme Rocket is a Product of {company}.\n",
    "Regarding the Annual Report: The Supervisory Board met twice. Net Sales grew by 4.2 %. No personal matter was discussed in the session of {date}.\n",
    "subject: visa\napplicant {person}; email {email}; mobile {phone}; home {address}\n",
    "{first} and I visited the office of {company} last week; {person}, who runs the branch, gave us {email} as a contact.\n",
    "Host {ip} logged in as {email} at 03:12:55. Device {mac}.\n",
    "Refund for {person}: {iban}. If it bounces, the card ending is on file ({card}).\n",
)  # fmt: skip


def crypto() -> str:
    return random.choice(
        [
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        ]
    )


def value(slot: str, faker: Any) -> str:
    """One made-up value."""
    if slot in ("person", "first"):
        first, last = people([faker], held=True)
        return first if slot == "first" else f"{first} {last}"
    return {
        "email": faker.email, "phone": faker.phone_number, "iban": faker.iban, "card": faker.credit_card_number, "national_id": faker.ssn,
        "ip": random.choice([faker.ipv4_public, faker.ipv6]), "mac": faker.mac_address, "swift": faker.swift, "address": faker.address,
        "dob": lambda: faker.date_of_birth().strftime(random.choice(["%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%m/%d/%Y"])),
        "date": lambda: faker.date_this_decade().strftime(random.choice(["%d.%m.%Y", "%Y-%m-%d", "%d %B %Y"])), "company": faker.company, "crypto": crypto,
    }[slot]()  # fmt: skip


def made(template: str, faker: Any) -> tuple[str, list[tuple[int, int, str]]]:
    """A text and the places of its personal data."""
    out, spans = "", list[tuple[int, int, str]]()
    for piece in re.split(r"(\{\w+\})", template):
        if piece.startswith("{"):
            slot = piece[1:-1]
            said = value(slot, faker)
            if slot not in ("date", "company"):
                kind = {"dob": "birth_date", "first": "person"}.get(slot, slot)
                spans.append((len(out), len(out) + len(said), kind))
            out += said
        else:
            out += piece
    return out, spans


def share(hits: int, of: int) -> str:
    told = intervals.share(hits, of)
    return f"{100 * hits / of:5.1f} % ({100 * told.low:.1f} to {100 * told.high:.1f}, n = {of})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--missed", action="store_true", help="print what was missed and what was wrong")
    asked = parser.parse_args()
    random.seed(20)
    Faker.seed(20)
    fakers, context = [Faker(one) for one in HELD], Context(options=pii.Options())
    total, hit, right, wrong, shown = Counter[str](), Counter[str](), 0, 0, 0
    for at in range(asked.texts):
        text, spans = made(TEXTS[at % len(TEXTS)], random.choice(fakers))
        found = pii.check(text, context)
        for start, end, kind in spans:
            total[kind] += 1
            covered = sum(max(0, min(one.end, end) - max(one.start, start)) for one in found)
            hit[kind] += covered >= 0.9 * (end - start)
            if asked.missed and covered < 0.9 * (end - start) and shown < 60:
                shown += 1
                print("missed", kind, repr(text[max(0, start - 12) : end + 8]))
        for one in found:
            good = any(start < one.end and one.start < end for start, end, _ in spans)
            right, wrong = right + good, wrong + (not good)
            if asked.missed and not good and shown < 90:
                shown += 1
                print("wrong", one.kind, repr(text[max(0, one.start - 12) : one.end + 8]))
    for kind in sorted(total):
        print(f"{kind:12} {share(hit[kind], total[kind])}")
    numbers = [kind for kind in total if kind in STRUCTURED]
    print(f"structured   {share(sum(hit[k] for k in numbers), sum(total[k] for k in numbers))}")
    print(f"all          {share(sum(hit.values()), sum(total.values()))}")
    print(f"precision    {share(right, right + wrong)}")
    text = "".join(made(one, fakers[0])[0] for one in TEXTS)[:1000]
    times = []
    for _ in range(100):
        began = time.perf_counter()
        pii.check(text, context)
        times.append((time.perf_counter() - began) * 1e3)
    times.sort()
    print(
        f"cost         {times[50]:.1f} ms (95th of 100: {times[95]:.1f}) for {len(text):,} characters full of personal data"
    )


if __name__ == "__main__":
    main()
