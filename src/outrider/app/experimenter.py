"""A process that works on one experiment for the server, so that evaluators never hold up what the server answers.

It reads what to do from its standard input, and stops in good order when that is closed: the server that began it is
gone, or does not want it any more. What was answered is kept, and the experiment can be resumed.
"""

import asyncio
import sys
import threading
from pathlib import Path

import msgspec

from outrider.app.evals import EvalsHandle
from outrider.app.knowledge import own_server
from outrider.app.logs import set_up
from outrider.app.settings import load
from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.evals import planning
from outrider.evals.evaluators import Ports
from outrider.evals.experiments import Experiment, Experiments
from outrider.evals.judging import kin
from outrider.evals.records import Variant
from outrider.evals.redteam import campaign
from outrider.evals.runner import Runner
from outrider.evals.subjects import Opens
from outrider.evals.subjects.route import RouteSubject
from outrider.evals.subjects.talking import Talking
from outrider.evals.suite import Suite
from outrider.limits.keys import Identity


class Task(msgspec.Struct):
    """What is to be done: `experiment` of `project`, kept in the store at `store_url`, asked at `url` in the name of
    the key with the public part `key`."""

    home: str
    config: str
    store_url: str
    url: str
    experiment: str
    project: str
    key: str
    operator: bool


def main() -> None:
    set_up()
    task = msgspec.json.decode(sys.stdin.readline(), type=Task)
    with asyncio.Runner() as runner:
        runner.run(_until_alone(task))


async def _until_alone(task: Task) -> None:
    working = asyncio.create_task(work(task))
    loop = asyncio.get_running_loop()

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(working.cancel)

    threading.Thread(target=watch, name="parent", daemon=True).start()
    await asyncio.wait([working])
    if not working.cancelled():
        working.result()


async def work(task: Task) -> None:
    """Until nothing waits, or it is stopped. Raises RequestError 409 where another process works on it."""
    home = Path(task.home)
    settings = load(Path(task.config) if task.config else None)
    evals = EvalsHandle(settings, home, task.store_url)
    try:
        found = await asyncio.to_thread(evals.experiments.get, task.project, task.experiment)
        suite = planning.read(found.plan)
        _, headers = own_server(settings, home, Identity(task.project, task.key, operator=task.operator))
        tags = [f"eval:{found.id}"]
        ports = evals.ports([f"judge:{found.id}"], url=task.url, headers=headers)

        def opens(variant: Variant) -> Talking:
            return Talking(RouteSubject(task.url, headers, tags))

        try:
            await asyncio.to_thread(kin.check, suite, ports.families)
        except RequestError as error:
            await asyncio.to_thread(_refuse, evals.experiments, found.id, error.message)
            return
        await _run(evals, found, suite, opens, ports)
    finally:
        evals.close()


async def _run(evals: EvalsHandle, found: Experiment, suite: Suite, opens: Opens, ports: Ports) -> None:
    plan = found.plan
    if campaign.PLAN in plan:
        if why := await campaign.harmless(opens, suite):
            await asyncio.to_thread(_refuse, evals.experiments, found.id, why)
            return
        await campaign.Campaign(evals.datasets, evals.experiments, found.project).run(found, opens, ports)
        return
    cases = await asyncio.to_thread(evals.datasets.cases, found.project, plan["dataset"], plan["version"])
    await Runner(evals.experiments, found, suite, planning.by_digest(cases), opens, ports).run()


def _refuse(experiments: Experiments, id_: str, why: str) -> None:
    """Say why nobody works on it."""
    holder = f"refused_{ids.token(8)}"
    if experiments.claim(id_, holder):
        experiments.end(id_, holder, "stopped", {"why": why})


if __name__ == "__main__":
    main()
