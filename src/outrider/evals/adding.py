"""Cases on their way into a dataset: what asks the same is merged, what users put right is expected."""

from collections.abc import Sequence

from outrider.base.errors import RequestError
from outrider.evals import alike
from outrider.evals.alike import Embed, Merged
from outrider.evals.datasets import Datasets, Version
from outrider.evals.production import case, find
from outrider.evals.proposals import corrected
from outrider.evals.records import Case
from outrider.store import Store

Put = tuple[Version, Merged]


def of_run(journal: Store, project: str, said: str, *, accept: bool = False) -> Case:
    """The case of `RUN` or `RUN#STEP`. Unless what was answered is accepted, a user's edit of the answer is what is
    expected. Raises RequestError 400, 404."""
    run_, _, number = said.partition("#")
    if number and not number.isdecimal():
        raise RequestError(f"{said[:80]!r} names no step: write RUN#3", param="run")
    run = find(journal, project, run_)
    made = case(journal, run, int(number or 0), accept=accept)
    return made if accept or number else corrected(journal, project, made, run.id)


def put(
    datasets: Datasets,
    project: str,
    name: str,
    cases: Sequence[Case],
    *,
    merge: bool,
    replace: bool = False,
    embed: Embed | None = None,
    author: str = "",
    note: str = "",
) -> Put:
    """The version of a dataset with these cases behind those that are there (`replace`: instead of them), and what was
    merged. Raises RequestError."""
    known = datasets.versions(project, name)
    there = datasets.cases(project, name) if known and not replace else []
    left = alike.merge(there, cases, embed) if merge else Merged(list(cases), [], [])
    if not left.kept and known:
        return known[0], left
    save = datasets.save if replace else datasets.add
    return save(project, name, left.kept, author=author, note=note), left
