"""Who was killed is known to be gone at once; of who is elsewhere, only time tells."""

import subprocess
import sys
from pathlib import Path

import pytest

from outrider.evals import holders
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiments, Item

SAYS = "from outrider.evals import holders; print(holders.name(), flush=True); import sys; sys.stdin.read()"
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux says when a process began")


def test_the_killed_are_gone_and_the_living_are_not() -> None:
    child = subprocess.Popen([sys.executable, "-c", SAYS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert not holders.gone(name)
    child.kill()
    with child:
        child.wait()
    assert holders.gone(name)


def test_each_piece_of_work_has_its_own_name() -> None:
    one, other = holders.name(), holders.name()
    assert one != other
    assert not holders.gone(one)


def test_a_process_that_only_took_the_number_is_another() -> None:
    machine, pid, began, rest = holders.name().split("/")
    assert holders.gone(f"{machine}/{pid}/{int(began) - 1}/{rest}")
    assert not holders.gone(f"elsewhere/{pid}/{int(began) - 1}/{rest}"), "nothing is known of other machines"
    assert not holders.gone("run_0123456789abcdef"), "a name of an older version"
    assert not holders.gone("")


def test_the_experiment_of_the_killed_is_taken_at_once(experiments: Experiments, datasets: Datasets) -> None:
    begun = experiments.create("p", "e", {}, [Item(0, "c", "d", "v", 0, "k")])
    machine, pid, began, rest = holders.name().split("/")
    assert experiments.claim(begun.id, f"{machine}/{pid}/{began}/{rest}")
    assert not experiments.claim(begun.id, "another"), "who holds it lives"
    dead = f"{machine}/{pid}/{int(began) - 1}/{rest}"
    experiments.end(begun.id, f"{machine}/{pid}/{began}/{rest}", "stopped")
    assert experiments.claim(begun.id, dead)
    assert experiments.claim(begun.id, "another")
