"""What is true of batches at every provider whose language is not chat: a run of each test by language."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.journal.rows import RunFilter
from tests.gateway.batches.conftest import House, line
from tests.gateway.batches.theirs_speaking import AnthropicProvider, GeminiProvider


class Language(NamedTuple):
    """A provider's: its preset, a model whose price is known (dollars per million tokens, in and out)."""

    preset: str
    model: str
    provider: Callable[..., AnthropicProvider | GeminiProvider]
    prices: tuple[int, int]

    def reached(self) -> str:
        said = '{{%s: {{preset: %s, api_key: "${{env:PROVIDER_KEY}}", base_url: "{root}", models: [%s]}}}}'
        return said % (self.preset, self.preset, self.model)

    def lines(self, count: int, text: str = "scripted:words=3") -> list[dict[str, object]]:
        return [line(f"r-{i}", f"{text} {i}", model=self.model, max_tokens=50) for i in range(count)]


LANGUAGES = {
    "anthropic": Language("anthropic", "claude-sonnet-4-5", AnthropicProvider, (3, 15)),
    "gemini": Language("google", "gemini-2.5-flash", GeminiProvider, (0, 0)),
}


def runs(house: House, batch: str) -> Iterator[RunRecorded]:
    store = house.outrider.store()
    for row in read.list_runs(store, RunFilter(project="default", session=batch), limit=500).rows:
        run = read.get_run(store, row.id)
        assert run is not None
        yield run
