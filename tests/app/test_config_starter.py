"""The first outrider.yaml means what the environment means, and holds no key."""

import jsonschema_rs
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outrider.app.config_schema import schema
from outrider.app.config_starter import starter
from outrider.app.settings import parse
from outrider.base.errors import ConfigError


@given(
    st.dictionaries(
        st.sampled_from(["OPENAI_API_KEY", "OPENAI_BASE_URL", "GROQ_API_KEY", "OLLAMA_HOST"]),
        st.sampled_from(["sk-hidden", "http://127.0.0.1:9/v1", "127.0.0.1:99"]),
    )
)
def test_the_starter_says_what_the_environment_says(env: dict[str, str]) -> None:
    try:
        expected = parse("", "outrider.yaml", env).providers
    except ConfigError:
        return  # a URL variable that holds no URL
    text = starter(env)
    made = parse(text, "outrider.yaml", env)
    assert made.providers == expected
    assert list(made.routes) == ["assistant"]
    assert "sk-hidden" not in text or any(v == "sk-hidden" for k, v in env.items() if k.endswith(("URL", "HOST")))
    jsonschema_rs.validate(schema(), yaml.safe_load(text))
