"""What is to be said beside a judge's scores, wherever they are shown."""

from outrider.evals.experiments import Experiments
from outrider.evals.judging import kin
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.measure import standing
from outrider.evals.judging.pairs import gather
from outrider.evals.suite import Suite


def notes(experiments: Experiments, labels: Labels, project: str, suite: Suite) -> dict[str, str]:
    """By the judge's name; a judge that meets its bar needs none."""
    found = {one.name: standing(one, gather(experiments, labels, project, one)).words for one in kin.judges(suite)}
    return {name: words for name, words in found.items() if words}
