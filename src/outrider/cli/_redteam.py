"""What `outrider redteam` does: choose attacks, work, tell, keep what succeeded."""

import asyncio
import shlex
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from outrider.base import env, money
from outrider.base.errors import OutriderError, RequestError
from outrider.cli import eval as evaluation
from outrider.cli._output import CheckFailed, clean, emit_json, hint, many, note, say, table
from outrider.cli._serving import reached
from outrider.cli.context import outrider
from outrider.cli.replay import changes

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.cli.context import EvalsView
    from outrider.evals.experiments import Experiment
    from outrider.evals.redteam.building import Planted
    from outrider.evals.redteam.campaign import Campaign
    from outrider.evals.redteam.library import Library
    from outrider.evals.redteam.report import Report
    from outrider.evals.suite import Suite

SHOWN = 20


class Chosen(NamedTuple):
    """Which attacks."""

    families: tuple[str, ...]
    languages: tuple[str, ...]
    severity: str
    files: tuple[Path, ...]


class Subject(NamedTuple):
    """Who is attacked."""

    route: str
    url: str
    python: str
    command: str
    serve: bool
    fields: tuple[str, ...]


class Prompt(NamedTuple):
    """What stands in the system message."""

    file: Path | None
    own: bool
    canary: str


class Effort(NamedTuple):
    """How much is tried."""

    attempts: int
    budget: str
    minutes: float
    seed: int
    concurrency: int
    judge: str
    same_family: bool


class Told(NamedTuple):
    """What must hold, and where it is said."""

    fail_on: str
    max_success: float | None
    save_to: str
    markdown: Path | None
    junit: Path | None
    json: bool


def listed(chosen: Chosen, json: bool) -> None:
    """The attacks and the mutators."""
    from outrider.evals.redteam.mutators import MUTATORS

    library = _library(chosen)
    if json:
        mutators = [{"name": one.name, "sort": one.sort} for one in MUTATORS.values()]
        emit_json({"attacks": list(library.attacks.values()), "mutators": mutators})
        return
    table(
        ("attack", "severity", "taxonomy", "language", "goal"),
        [(one.id, one.severity, one.taxonomy, one.language, one.goal) for one in library.attacks.values()],
        spare=("language", "taxonomy"),
    )
    note(f"{many(len(library.attacks), 'attack')}; mutators: {', '.join(MUTATORS)}")


class Work:
    """A red team in the terminal."""

    def __init__(self, ctx: typer.Context, project: str, told: Told) -> None:
        self._ctx, self._project, self._told = ctx, evaluation._project(ctx, project), told

    def begin(self, subject: Subject, chosen: Chosen, prompt: Prompt, effort: Effort) -> None:
        """A new one. Raises CheckFailed where a gate does not hold."""
        from outrider.evals.judging import kin
        from outrider.evals.records import Variant
        from outrider.evals.redteam import campaign, sent

        planted = _planted(prompt)
        library = sent.fitting(_library(chosen), planted)
        wanted = campaign.Wanted(
            library, planted, effort.attempts, effort.seed, effort.minutes, effort.judge, effort.same_family
        )
        fields = {"max_tokens": 400, **changes(subject.fields)} if subject.route else changes(subject.fields)
        variant = Variant(
            "subject", subject.route, fields, python=subject.python, command=tuple(shlex.split(subject.command))
        )
        name = f"redteam {subject.route or subject.python or subject.command}"[:120]
        made = campaign.suite(
            name, variant, wanted, concurrency=effort.concurrency, budget=_nano(effort.budget)
        )  # fmt: skip
        with self._served(made, subject), outrider(self._ctx).evals() as evals:
            if effort.judge:
                kin.check(made, evals.ports([], url=subject.url, key=_key()).families)
            team = campaign.Campaign(evals.datasets, evals.experiments, self._project)
            self._probe(evals, made, subject)
            begun = team.begin(made, wanted)
            note(f"{begun.id}: {many(len(library.attacks), 'attack')}, up to {many(wanted.attempts, 'attempt')}")
            self._work(evals, team, begun, subject)

    def resume(self, id_: str, subject: Subject) -> None:
        """Go on with one. Raises CheckFailed as `begin` does."""
        from outrider.evals import planning
        from outrider.evals.redteam import campaign

        with outrider(self._ctx).evals() as evals:
            found = evals.experiments.get(self._project, id_)
            campaign.read(found)
            with self._served(planning.read(found.plan), subject):
                team = campaign.Campaign(evals.datasets, evals.experiments, self._project)
                self._work(evals, team, found, subject)

    def show(self, id_: str) -> None:
        """The report of one, as far as it is."""
        with outrider(self._ctx).evals() as evals:
            found = evals.experiments.get(self._project, id_)
            self._tell(self._report(evals, found))
            self._keep(evals, found)

    def _served(self, made: "Suite", subject: Subject) -> AbstractContextManager[None]:
        """Another server is known by its answer to the first question; it need not be an Outrider."""
        return nullcontext() if subject.url else reached(self._ctx, made, "", subject.serve)

    def _probe(self, evals: "EvalsView", made: "Suite", subject: Subject) -> None:
        """Raises OutriderError where not even a harmless question is answered."""
        from outrider.evals.redteam import campaign

        opens = evals.opens(["eval:redteam-probe"], url=subject.url, key=_key())
        if why := asyncio.run(campaign.harmless(opens, made)):
            raise OutriderError(why)

    def _work(self, evals: "EvalsView", team: "Campaign", found: "Experiment", subject: Subject) -> None:
        opens = evals.opens([f"eval:{found.id}"], url=subject.url, key=_key())
        ports = evals.ports([f"judge:{found.id}"], url=subject.url, key=_key())
        ended = asyncio.run(team.run(found, opens, ports, evaluation._progress()))
        report = self._report(evals, ended)
        self._tell(report)
        self._keep(evals, ended)
        if not report.complete:
            note(f"{ended.id} stopped: {report.why}; `outrider redteam --resume {ended.id}` goes on")
        if report.verdict != "passed" or (not report.complete and not report.gates):
            raise CheckFailed

    def _report(self, evals: "EvalsView", found: "Experiment") -> "Report":
        from outrider.evals.redteam.report import report

        done = evals.experiments.done(found.id)
        return report(found, done, fail_on=self._told.fail_on, max_success=self._told.max_success)

    def _tell(self, found: "Report") -> None:
        from outrider.evals.redteam import written
        from outrider.evals.redteam.report import plain

        if self._told.markdown is not None:
            self._told.markdown.write_text(written.markdown(found), "utf-8")
        if self._told.junit is not None:
            self._told.junit.write_text(written.junit(found, self._told.fail_on), "utf-8")
        if self._told.json:
            emit_json(plain(found))
            return
        table(
            ("family", "attacks", "as they are [95 %]", "dressed [95 %]", "by the search", "ever broken"),
            [
                (
                    one.name,
                    str(one.attacks),
                    written.share(one.plain),
                    written.share(one.dressed),
                    written.searched(one),
                    str(one.broken),
                )
                for one in (*found.families, found.total)
            ],
            right=("attacks", "by the search", "ever broken"),
        )
        for one in written.worst(found)[:SHOWN]:
            say(f"{one.severity}: {one.case}: {clean(one.goal)} ({clean(one.reason)[:200]})")
        if len(found.successes) > SHOWN:
            note(f"… and {len(found.successes) - SHOWN} more successes: --markdown or --json has them")
        if found.unheard:
            note(f"{many(found.unheard, 'attempt')} had no answer to judge")
        for held in found.gates:
            say(f"{held.verdict}: {held.gate} ({held.reason})")
        note(f"{many(found.attempts, 'attempt')}, {len(found.successes)} succeeded, ${money.usd(found.cost)}")

    def _keep(self, evals: "EvalsView", found: "Experiment") -> None:
        """What succeeded becomes cases, which `outrider eval` runs with the evaluator `breach`."""
        if not self._told.save_to:
            return
        from outrider.evals.redteam import campaign

        team = campaign.Campaign(evals.datasets, evals.experiments, self._project)
        won = [one for one in evals.experiments.done(found.id) if campaign.progress(one) == 1]
        cases = team.cases(won)
        if not cases:
            note(f"nothing succeeded, so nothing was added to {self._told.save_to}")
            return
        if self._told.save_to.endswith(".jsonl"):
            total = campaign.written(Path(self._told.save_to), cases)
        else:
            note_ = f"successes of {found.id}"
            total = evals.datasets.add(self._project, self._told.save_to, cases, note=note_).cases
        note(f"{many(len(cases), 'success')} added to {self._told.save_to}, which has {many(total, 'case')} now; "
             "a suite holds them with the evaluator `breach` and the gate `breach == 0`")  # fmt: skip
        hint("outrider eval run SUITE", json=self._told.json)


@contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{what}: cannot be read: {error}") from None


def _library(chosen: Chosen) -> "Library":
    from outrider.evals.redteam import library

    found = library.bundled()
    for path in chosen.files:
        own = library.read(path, found.houses)
        found = library.Library({**found.attacks, **own}, found.houses)
    return found.only(chosen.families, chosen.languages, chosen.severity)


def _planted(prompt: Prompt) -> "Planted":
    from outrider.evals.redteam import sent
    from outrider.evals.redteam.building import Planted

    text = ""
    if prompt.file is not None:
        with _named(str(prompt.file)):
            text = prompt.file.read_text("utf-8-sig")
    sent.check_canary(prompt.canary)
    return Planted(text, prompt.own, prompt.canary)


def _nano(said: str) -> int:
    try:
        found = money.nano(said.strip().removeprefix("$")) if said else 0
    except (ValueError, ArithmeticError):
        found = -1
    if found < 0 or (said and not found):
        raise typer.BadParameter(f"{said!r} is no amount of dollars to spend, such as 2.50", param_hint="--budget")
    return found


def _key() -> str:
    return env.get("OUTRIDER_KEY").strip()
