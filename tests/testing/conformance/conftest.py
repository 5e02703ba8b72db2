from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.testing.conformance import Target, ours


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    home: Path = tmp_path_factory.mktemp("conformance")
    with ours(home) as made:
        yield made
