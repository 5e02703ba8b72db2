"""Whether a sentence answers a question, by a small network that reads the token vectors of both together.

A cross-encoder over the whole of a language model would need its own weights and as much time again. This one takes
what the embedder makes of each text alone, and lets the tokens attend to one another in two small layers (Humeau et
al., "Poly-encoders", 2020, and MacAvaney et al., "PreTTR", 2020, split the work so). Its 187,000
weights are for the embedded `all-minilm-l6-v2` (`benchmarks/reader_fit.py`); of vectors of another size it says
nothing.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.base.errors import OutriderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DIMENSIONS = 384
ASKED, SAID = 32, 72
"""Tokens of a question, and of a sentence, that are read."""
TOGETHER = 32
"""Sentences read at once."""


class Reader:
    """A loaded network. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Raises OutriderError when the file does not load."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # One thread that sleeps when idle: the gateway shares these cores.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # of onnxruntime's own kinds, which have no base in common
            raise OutriderError(
                f"the reader in {str(path)!r} does not load ({error}); install Outrider anew", code="model_load_failed"
            ) from error

    def scores(self, question: "Vectors", sentences: "Sequence[Vectors]", near: Sequence[float]) -> "Vectors":
        """The log-odds that each sentence answers the question, float32 (n,). `question` and `sentences` are unit
        vectors of tokens (tokens, 384), `near` the cosines of the whole texts. Zeros for vectors of another size."""
        import numpy as np

        found = np.zeros(len(sentences), np.float32)
        asked = question[None, :ASKED]
        if not asked.shape[1] or asked.shape[2] != DIMENSIONS:
            return found
        order = sorted(range(len(sentences)), key=lambda at: len(sentences[at]))
        for start in range(0, len(order), TOGETHER):
            some = order[start : start + TOGETHER]
            texts, there = _padded([sentences[at][:SAID] for at in some])
            cosines = np.array([near[at] for at in some], np.float32)
            given = {"question": asked, "sentences": texts, "there": there, "near": cosines}
            (found[some],) = self._session.run(["scores"], given)
        return found


def _padded(sentences: "list[Vectors]") -> "tuple[Vectors, NDArray[np.int64]]":
    """Vectors (n, longest, 384), and 1 where there is a token; one that has none counts as one of zeros."""
    import numpy as np

    width = max(1, *(len(one) for one in sentences))
    texts = np.zeros((len(sentences), width, DIMENSIONS), np.float32)
    there = np.zeros((len(sentences), width), np.int64)
    for at, one in enumerate(sentences):
        texts[at, : len(one)], there[at, : max(1, len(one))] = one, 1
    return texts, there


@lru_cache(maxsize=1)
def shipped() -> Reader:
    with as_file(files("outrider.knowledge") / "reader.onnx") as path:
        return Reader(path)


def scores(question: "Vectors", sentences: "Sequence[Vectors]", near: Sequence[float]) -> "Vectors":
    """What the reader that is shipped says (`Reader.scores`)."""
    return shipped().scores(question, sentences, near)
