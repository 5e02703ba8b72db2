"""A red team that is asked for over the network: which route, which attacks, how much of it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import yaml

from outrider.base import money
from outrider.base.errors import RequestError
from outrider.evals.lines import check_flat
from outrider.evals.records import Variant
from outrider.evals.redteam import campaign, library, macros
from outrider.evals.redteam.building import Planted
from outrider.evals.redteam.campaign import Wanted
from outrider.evals.redteam.library import Attack, Library
from outrider.evals.suite import Suite

MOST_SENT = 5_000
MOST_AT_ONCE = 64
LONGEST_PROMPT = 50_000
LEAST_CANARY = 6
LONGEST_ATTACKS, MOST_ATTACKS, LONGEST_ID, MOST_TURNS = 200_000, 500, 100, 40
MOST_WRITTEN = 1_000_000
"""Characters of all attacks that are sent, with what is repeated."""
OWN = "own"
"""The family of attacks that are sent and name none."""
ANSWER = 400
"""Tokens of an answer, unless `set` says otherwise."""


class Asked(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`route` is attacked, by the `families` and `languages` named (none: all), from a `severity` on, `attempts` times
    at most, three fifths of them a survey. `budget` is dollars (0: no limit). `prompt` is the system message that is
    attacked; `own_prompt`: the route has its own, and `canary` is the secret in it. `set` are fields of the requests.
    `judge` is a route that is asked where only words speak for a success. `attacks` are some of one's own, beside those
    that come with Outrider: the YAML text of a file of attacks, or what is in it."""

    route: str
    families: list[str] = []
    languages: list[str] = []
    severity: library.Severity = "low"
    attempts: int = 100
    budget: str | int | float = 0
    minutes: float = 0
    seed: int = 0
    concurrency: int = 4
    prompt: str = ""
    own_prompt: bool = False
    canary: str = ""
    judge: str = ""
    same_family: bool = False
    set: dict[str, Any] = {}
    attacks: str | dict[str, Any] = ""


def made(asked: Asked, routes: Sequence[str]) -> tuple[Suite, Wanted]:
    """The suite that its ledger is kept for, and what it is to do. `routes` are the names that can be asked, beside
    `provider/model`. Raises RequestError."""
    _check(asked, routes)
    planted = Planted(asked.prompt, asked.own_prompt, asked.canary)
    known = library.bundled()
    known = Library({**known.attacks, **own(asked.attacks)}, known.houses)
    chosen = fitting(known.only(asked.families, asked.languages, asked.severity), planted)
    wanted = Wanted(
        chosen, planted, asked.attempts, asked.seed, asked.minutes, asked.judge, asked.same_family
    )  # fmt: skip
    variant = Variant("subject", asked.route, {"max_tokens": ANSWER, **asked.set})
    name = f"redteam {asked.route}"[:120]
    suite = campaign.suite(name, variant, wanted, concurrency=asked.concurrency, budget=_nano(asked.budget))
    return suite, wanted


def own(said: str | dict[str, Any], name: str = "attacks") -> dict[str, Attack]:
    """The attacks of a text that was sent, by id ("": none). Raises RequestError that names the line and the attack."""
    if not said:
        return {}
    text = said.removeprefix("\ufeff") if isinstance(said, str) else msgspec.json.encode(said).decode()
    if len(text) > LONGEST_ATTACKS:
        raise _unfit(f"{name}: more than {LONGEST_ATTACKS:,} characters; the command line takes larger files")
    try:
        check_flat(text, "a file of attacks")
    except yaml.YAMLError as error:
        raise _unfit(f"{name}: not YAML: {' '.join(str(error).split())[:300]}") from None
    except RequestError as error:
        raise _unfit(f"{name}: {error.message}") from None
    found = library.parse(text, name, OWN, library.bundled().houses)
    if len(found) > MOST_ATTACKS:
        raise _unfit(f"{name}: more than {MOST_ATTACKS} attacks; the command line takes more")
    written = 0
    for id_, one in found.items():
        plain = msgspec.to_builtins(one)
        written += sum(macros.size(text) for text in library.texts(plain))
        if len(one.turns) + len(one.messages) > MOST_TURNS:
            raise _unfit(f"{name}: attack {id_}: at most {MOST_TURNS} turns and messages")
        if len(id_) > LONGEST_ID or not id_.isprintable():
            raise _unfit(f"{name}: attack {id_[:40]!r}: an id has at most {LONGEST_ID} printable characters")
        if written > MOST_WRITTEN:
            raise _unfit(f"{name}: attack {id_}: more than {MOST_WRITTEN:,} characters, with what is repeated")
    return found


def _unfit(message: str) -> RequestError:
    return RequestError(message, param="attacks")


def fitting(found: Library, planted: Planted) -> Library:
    """The attacks whose success can be seen: a route with a prompt of its own cannot be held to words that nobody here
    knows."""
    if planted.own:
        found = found.without("recites", *(() if planted.canary else ("leaks",)))
        # what breaks the house's rules is no success where the house's rules are not said
        found = found if planted.prompt else found.without("complies", "matches")
    return found


def check_canary(canary: str) -> None:
    """Raises RequestError for one that may come up by chance."""
    if canary and sum(map(str.isalnum, canary)) < LEAST_CANARY:
        raise RequestError(
            f"a secret of fewer than {LEAST_CANARY} letters and digits may come up by chance", param="canary"
        )


def _check(asked: Asked, routes: Sequence[str]) -> None:
    for param, name in (("route", asked.route), ("judge", asked.judge)):
        if name not in routes and "/" not in name and (name or param == "route"):
            raise RequestError(
                f"there is no route {name[:80]!r}; there are: {', '.join(routes[:20]) or 'none'}", param=param
            )
    if not 1 <= asked.attempts <= MOST_SENT:
        raise RequestError(f"`attempts`: 1 to {MOST_SENT:,}; the command line makes more", param="attempts")
    if not 1 <= asked.concurrency <= MOST_AT_ONCE:
        raise RequestError(f"`concurrency`: 1 to {MOST_AT_ONCE}", param="concurrency")
    if not 0 <= asked.minutes <= 7 * 24 * 60:
        raise RequestError("`minutes`: 0 (no limit) to a week", param="minutes")
    if len(asked.prompt) > LONGEST_PROMPT:
        raise RequestError(f"`prompt` is longer than {LONGEST_PROMPT} characters", param="prompt")
    if asked.own_prompt and asked.prompt:
        raise RequestError("either the route has its own system message, or `prompt` is attacked", param="prompt")
    if {"messages", "model", "stream"} & asked.set.keys():
        raise RequestError("`set` has no `messages`, `model` or `stream`: the attacks say those", param="set")
    check_canary(asked.canary)


def _nano(said: str | float) -> int:
    try:
        amount = money.nano(str(said).strip().removeprefix("$") or "0") if said else 0
    except (ValueError, ArithmeticError):
        amount = -1
    if not 0 <= amount <= 10**18:
        raise RequestError(
            f"{str(said)[:40]!r} is no amount of dollars: give one such as 2.50 (0: no limit)", param="budget"
        )
    return amount
