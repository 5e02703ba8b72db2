"""The embedder: all-MiniLM-L6-v2 as int8 ONNX. Blocking; `transport` calls it in a thread.

One vector per text, or one per token (late interaction). Texts are grouped by length, so that padding wastes little.
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outrider.base.errors import OutriderError, RequestError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DIMENSIONS = 384
BATCH_TOKENS = 512  # padded tokens run at once: more leave the cache, and take twice the time for each text

Stop = Callable[[], bool]


def _go_on() -> bool:
    return False


class Stopped(Exception):
    """The caller asked to end between two batches."""


class Embedder:
    """A loaded model. Thread-safe. `limit` is the longest text in tokens, [CLS] and [SEP] included; `parallel` is how
    many batches may run at once, each on its caller's thread."""

    def __init__(self, folder: Path, limit: int = 512, *, parallel: int = 1) -> None:
        """Load from an installed model's folder (0.1 s). Raises OutriderError when the files do not load."""
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        # One thread that sleeps when idle, and memory given back: the gateway shares these cores.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise OutriderError(
                f"the embedder in {str(folder)!r} does not load ({error}); run "
                f"`outrider models remove {folder.name}` and "
                f"`outrider models install {folder.name}`",
                code="model_load_failed",
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.limit = limit
        self._running = threading.Semaphore(parallel)

    def tokenise(self, texts: Sequence[str], *, truncate: bool = False) -> list[list[int]]:
        """Token ids of each text. Raises RequestError (400) for a longer text unless it may be cut."""
        rows = [list(e.ids) for e in self._tokenizer.encode_batch(list(texts))]
        for index, row in enumerate(rows):
            if len(row) <= self.limit:
                continue
            if not truncate:
                raise RequestError(
                    f"input {index} has {len(row)} tokens, this model takes {self.limit}. Split it, or send "
                    '"truncate": true to embed its beginning only.',
                    code="context_length_exceeded",
                    param="input",
                )
            row[self.limit - 1 :] = row[-1:]  # keep [SEP]
        return rows

    def count(self, texts: Sequence[str]) -> int:
        """Tokens of all texts, as `usage` counts them."""
        return sum(len(e.ids) for e in self._tokenizer.encode_batch(list(texts)))

    def embed(self, texts: Sequence[str], *, truncate: bool = False) -> "Vectors":
        """One unit vector per text: float32, (n, 384)."""
        return self.embed_rows(self.tokenise(texts, truncate=truncate))

    def embed_tokens(self, texts: Sequence[str], *, truncate: bool = False) -> "list[Vectors]":
        """One unit vector per token without [CLS] and [SEP]: for each text float32, (tokens, 384)."""
        return self.embed_both(texts, truncate=truncate)[1]

    def embed_both(self, texts: Sequence[str], *, truncate: bool = False) -> "tuple[Vectors, list[Vectors]]":
        """What `embed` and `embed_tokens` give, in one pass."""
        import numpy as np

        rows = self.tokenise(texts, truncate=truncate)
        whole: Vectors = np.empty((len(rows), DIMENSIONS), np.float32)
        found: list[Vectors] = [np.empty((0, DIMENSIONS), np.float32)] * len(rows)
        for indexes, (sentences, tokens) in self._batches(rows, ["sentence", "tokens"], _go_on):
            whole[indexes] = sentences
            for place, index in enumerate(indexes):
                inner = tokens[place, 1 : len(rows[index]) - 1]
                found[index] = inner / np.maximum(np.linalg.norm(inner, axis=1, keepdims=True), 1e-12)
        return whole, found

    def embed_rows(self, rows: Sequence[Sequence[int]], stop: Stop = _go_on) -> "Vectors":
        """Vectors of token rows. `stop` is asked before each batch; when it says True, Stopped is raised."""
        import numpy as np

        found: Vectors = np.empty((len(rows), DIMENSIONS), np.float32)
        for indexes, (vectors,) in self._batches(rows, ["sentence"], stop):
            found[indexes] = vectors
        return found

    def _batches(self, rows: Sequence[Sequence[int]], outputs: list[str], stop: Stop) -> Any:
        """Yields (indexes into rows, outputs for them), short texts together."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        while order:
            count = 1
            while count < len(order) and (count + 1) * len(rows[order[count]]) <= BATCH_TOKENS:
                count += 1
            indexes, order = order[:count], order[count:]
            with self._running:
                if stop():
                    raise Stopped
                results = self._session.run(outputs, self._padded([rows[i] for i in indexes]))
            yield indexes, results

    @staticmethod
    def _padded(rows: Sequence[Sequence[int]]) -> dict[str, Any]:
        import numpy as np

        width = max(len(r) for r in rows)
        ids, mask = np.zeros((len(rows), width), np.int64), np.zeros((len(rows), width), np.int64)
        for at, row in enumerate(rows):
            ids[at, : len(row)] = row
            mask[at, : len(row)] = 1
        return {"input_ids": ids, "attention_mask": mask}
