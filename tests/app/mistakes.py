"""What the loader says about a text."""

import pytest

from outrider.app.settings import parse
from outrider.base.errors import ConfigError


def problems(text: str, env: dict[str, str] | None = None) -> list[str]:
    """The lines of the ConfigError that `text` must give."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "outrider.yaml", env or {})
    return caught.value.message.splitlines()
