"""Without any provider: the embedded model's route answers from documents, by meaning, in their own sentences."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from outrider.knowledge.embed import text_of
from outrider.providers.embedded import CHAT_DEFAULT
from outrider.testing.running import Running, running
from tests.gateway.test_grounding import DOCUMENT, put

pytestmark = pytest.mark.model
CONFIG = f"routes: {{docs: {{deployments: [embedded/{CHAT_DEFAULT}], knowledge: docs}}}}"


@pytest.fixture(scope="module")
def offline(embed_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTRIDER_MODELS", str(embed_models))
        with running(CONFIG, tmp_path_factory.mktemp("home")) as outrider:
            put(outrider, "claims.md", DOCUMENT)
            assert outrider.worker is not None
            library = outrider.worker.knowledge.library()
            assert library.embedders is not None
            for space in library.spaces(library.collection("default", "docs")):
                rows = library.waiting(library.collection("default", "docs"), space, 100)
                made = library.embedders.documents(space.model, [text_of(row, space.of) for row in rows])
                library.add_vectors(space, [row[0] for row in rows], made)
            yield outrider


@pytest.mark.parametrize("stream", [False, True])
def test_other_words_find_the_answer(offline: Running, stream: bool) -> None:
    ask = [{"role": "user", "content": "How much time does Acme Insurance need to handle a claim?"}]
    with OpenAI(base_url=f"{offline.url}/v1", api_key=offline.key, max_retries=0, timeout=60) as client:
        if stream:
            chunks = client.chat.completions.create(model="docs", messages=ask, stream=True)  # type: ignore[call-overload]
            said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        else:
            said = client.chat.completions.create(model="docs", messages=ask).choices[0].message.content  # type: ignore[call-overload]
    assert "from 90 minutes to 12 minutes. [1]" in said


def test_what_is_not_there_is_refused(offline: Running) -> None:
    with OpenAI(base_url=f"{offline.url}/v1", api_key=offline.key, max_retries=0, timeout=60) as client:
        for question in ("What salary do the engineers of Acme Insurance earn?", "How do I bake sourdough bread?"):
            answer = client.chat.completions.create(model="docs", messages=[{"role": "user", "content": question}])
            assert (answer.choices[0].message.content or "").startswith("The documents do not answer this")
