"""`outrider doctor`, as a person sees it."""

from pathlib import Path

from outrider.testing import scripted_thread
from tests.cli.conftest import Run


def test_all_is_well_with_a_provider_and_a_key(cli: Run) -> None:
    with scripted_thread() as url:
        text = f"server: {{port: 0}}\nembedded: {{enabled: false}}\nproviders: {{mine: {{base_url: '{url}'}}}}\n"
        Path("outrider.yaml").write_text(text)
        cli("keys", "create")
        said = cli("doctor")
    assert said.code == 0, said.out
    assert "✓ provider mine: reachable" in said.out
    assert "✓ keys: 1 that can be used" in said.out
    assert all(line[0] in "✓!✗" for line in said.out.splitlines())
