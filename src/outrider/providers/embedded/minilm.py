"""all-MiniLM-L6-v2 from its published weights (safetensors) to an int8 ONNX file. Used once, at install time.

The ONNX file is written here, byte by byte, because the alternative is a 50 MB dependency for a format of which we
need six messages. The result is deterministic, so `weights` pins its hash too.

Inputs `input_ids` and `attention_mask` (int64, batch × length); outputs `sentence` (float32, batch × 384, mean
pooled, L2 normalised) and `tokens` (float32, batch × length × 384, the last hidden state, not normalised).
"""

import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from outrider.base.errors import OutriderError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

LAYERS, HEADS, WIDTH, EPSILON = 6, 12, 384, 1e-12
FLOAT, INT8, INT64 = 1, 3, 7  # TensorProto.DataType
OPSET, IR_VERSION = 20, 9


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def _bytes(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _bytes(1, name) + _int(3, value) + _int(20, 2)
    return _bytes(1, name) + b"".join(_int(8, v) for v in value) + _int(20, 7)


def _float_attribute(name: str, value: float) -> bytes:
    return _bytes(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _int(20, 1)


def _value(name: str, kind: int, *dims: int | str) -> bytes:
    shape = b"".join(_bytes(1, _int(1, d) if isinstance(d, int) else _bytes(2, d)) for d in dims)
    return _bytes(1, name) + _bytes(2, _bytes(1, _int(1, kind) + _bytes(2, shape)))


def _tensor(name: str, array: "Array") -> bytes:
    kind = {"float32": FLOAT, "int8": INT8, "int64": INT64}[array.dtype.name]
    dims = b"".join(_int(1, d) for d in array.shape)
    return dims + _int(2, kind) + _bytes(8, name) + _bytes(9, array.astype(array.dtype.newbyteorder("<")).tobytes())


class Graph:
    """An ONNX graph under construction: `node` appends one and returns its (first) output's name."""

    def __init__(self) -> None:
        self.nodes: list[bytes] = []
        self.tensors: dict[str, bytes] = {}

    def node(self, op: str, *inputs: str, outputs: int = 1, **attributes: int | float | Sequence[int]) -> str:
        name = f"n{len(self.nodes)}"
        parts = [_bytes(1, i) for i in inputs]
        parts += [_bytes(2, name if k == 0 else f"{name}.{k}") for k in range(outputs)]
        parts += [_bytes(3, name), _bytes(4, op)]
        for key, value in sorted(attributes.items()):
            encoded = _float_attribute(key, value) if isinstance(value, float) else _attribute(key, value)
            parts.append(_bytes(5, encoded))
        self.nodes.append(b"".join(parts))
        return name

    def constant(self, name: str, array: "Array") -> str:
        self.tensors.setdefault(name, _tensor(name, array))
        return name

    def rename(self, source: str, name: str) -> None:
        self.nodes.append(_bytes(1, source) + _bytes(2, name) + _bytes(4, "Identity"))

    def encode(self, inputs: Sequence[bytes], outputs: Sequence[bytes]) -> bytes:
        graph = b"".join(_bytes(1, n) for n in self.nodes) + _bytes(2, "all-MiniLM-L6-v2")
        graph += b"".join(_bytes(5, t) for t in self.tensors.values())
        graph += b"".join(_bytes(11, v) for v in inputs) + b"".join(_bytes(12, v) for v in outputs)
        opset = _bytes(1, "") + _int(2, OPSET)
        return _int(1, IR_VERSION) + _bytes(2, "outrider") + _bytes(7, graph) + _bytes(8, opset)


def read_safetensors(path: Path) -> dict[str, "Array"]:
    """All float32 tensors of a safetensors file, as views of one buffer."""
    import numpy as np

    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    found: dict[str, Array] = {}
    for name, entry in msgspec.json.decode(raw[8 : 8 + size]).items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        found[name] = np.frombuffer(raw, "<f4", (end - start) // 4, 8 + size + start).reshape(entry["shape"])
    return found


class _Builder:
    """MiniLM's layers on a `Graph`, with weights as signed integers of 7 bits, one scale per output channel.

    Seven bits and not eight: on processors without VNNI the fast kernel adds two products in 16 bits and saturates with
    eight. Cosine to the float model is .990-.995 with either, since rounding the activations weighs more; unsigned
    weights would be exact everywhere too, but take twice the time.
    """

    def __init__(self, weights: dict[str, "Array"]) -> None:
        import numpy as np

        self.np, self.weights, self.graph = np, weights, Graph()

    def quantised(self, name: str, array: "Array", axis: int) -> tuple[str, str]:
        """Names of the int8 tensor and of its scales; `axis` is the one that is reduced."""
        np = self.np
        scale = np.maximum(np.abs(array).max(axis=axis, keepdims=True), 1e-12).astype("f4") / np.float32(63)
        rounded = np.rint(array / scale).astype("i1")
        flat = scale.astype("f4") if axis == 1 else scale.astype("f4").reshape(-1)
        return self.graph.constant(name, rounded), self.graph.constant(f"{name}.scale", flat)

    def linear(self, x: str, *names: str) -> str:
        """One matrix product for all of `names` (stacked along the output), with biases."""
        np, g = self.np, self.graph
        stacked = np.concatenate([self.weights[f"{n}.weight"] for n in names]).T
        bias = np.concatenate([self.weights[f"{n}.bias"] for n in names])
        weight, scale = self.quantised(names[0], np.ascontiguousarray(stacked), 0)
        xq = g.node("DynamicQuantizeLinear", x, outputs=3)
        product = g.node("Cast", g.node("MatMulInteger", xq, weight, f"{xq}.2"), to=FLOAT)
        scaled = g.node("Mul", product, g.node("Mul", f"{xq}.1", scale))
        return g.node("Add", scaled, g.constant(f"{names[0]}.bias", bias))

    def norm(self, x: str, name: str) -> str:
        scale, bias = (self.graph.constant(f"{name}.{p}", self.weights[f"{name}.{p}"]) for p in ("weight", "bias"))
        return self.graph.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    def embeddings(self) -> str:
        g = self.graph
        words, scales = self.quantised("words", self.weights["embeddings.word_embeddings.weight"], 1)
        rows = g.node("Cast", g.node("Gather", words, "input_ids"), to=FLOAT)
        word = g.node("Mul", rows, g.node("Gather", scales, "input_ids"))
        place = (
            self.weights["embeddings.position_embeddings.weight"]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        )
        length = g.node("Slice", g.node("Shape", "input_ids"), self.ints("one", 1), self.ints("two", 2))
        position = g.node("Slice", g.constant("positions", place), self.ints("zero", 0), length)
        return self.norm(g.node("Add", word, position), "embeddings.LayerNorm")

    def ints(self, name: str, *values: int) -> str:
        return self.graph.constant(name, self.np.array(values, "i8"))

    def attention(self, x: str, prefix: str, bias: str) -> str:
        np, g = self.np, self.graph
        both = self.linear(x, *(f"{prefix}.self.{n}" for n in ("query", "key", "value")))
        split = g.node("Split", both, self.ints("thirds", WIDTH, WIDTH, WIDTH), outputs=3, axis=-1)
        shape = self.ints("heads", 0, 0, HEADS, WIDTH // HEADS)
        q, k, v = (g.node("Reshape", part, shape) for part in (split, f"{split}.1", f"{split}.2"))
        q, v = (g.node("Transpose", part, perm=(0, 2, 1, 3)) for part in (q, v))
        scores = g.node("MatMul", q, g.node("Transpose", k, perm=(0, 2, 3, 1)))
        root = g.constant("root", np.array(1 / math.sqrt(WIDTH // HEADS), "f4"))
        weights = g.node("Softmax", g.node("Add", g.node("Mul", scores, root), bias), axis=-1)
        mixed = g.node("Transpose", g.node("MatMul", weights, v), perm=(0, 2, 1, 3))
        merged = g.node("Reshape", mixed, self.ints("merged", 0, 0, WIDTH))
        return self.norm(g.node("Add", self.linear(merged, f"{prefix}.output.dense"), x), f"{prefix}.output.LayerNorm")

    def pooled(self, x: str, mask: str) -> str:
        g, axis = self.graph, self.ints("one", 1)
        wide = g.node("Unsqueeze", mask, self.ints("last", 2))
        total = g.node("ReduceSum", g.node("Mul", x, wide), axis, keepdims=0)
        mean = g.node("Div", total, g.node("ReduceSum", wide, axis, keepdims=0))
        return g.node("LpNormalization", mean, axis=-1, p=2)

    def build(self) -> bytes:
        np, g = self.np, self.graph
        mask = g.node("Cast", "attention_mask", to=FLOAT)
        hidden = g.node(
            "Sub", g.constant("unit", np.array(1, "f4")), g.node("Unsqueeze", mask, self.ints("inner", 1, 2))
        )
        bias = g.node("Mul", hidden, g.constant("far", np.array(-1e9, "f4")))
        x = self.embeddings()
        for layer in range(LAYERS):
            prefix = f"encoder.layer.{layer}"
            x = self.attention(x, f"{prefix}.attention", bias)
            wide = g.node("Gelu", self.linear(x, f"{prefix}.intermediate.dense"))
            x = self.norm(g.node("Add", self.linear(wide, f"{prefix}.output.dense"), x), f"{prefix}.output.LayerNorm")
        g.rename(self.pooled(x, mask), "sentence")
        g.rename(x, "tokens")
        inputs = [_value(n, INT64, "batch", "length") for n in ("input_ids", "attention_mask")]
        outputs = [_value("sentence", FLOAT, "batch", WIDTH), _value("tokens", FLOAT, "batch", "length", WIDTH)]
        return g.encode(inputs, outputs)


def convert(source: Path, target: Path) -> None:
    """Write the int8 ONNX form of the safetensors file `source` to `target` (not atomically)."""
    try:
        target.write_bytes(_Builder(read_safetensors(source)).build())
    except (KeyError, ValueError, msgspec.DecodeError) as error:
        raise OutriderError(
            f"{source.name} is not the model.safetensors of all-MiniLM-L6-v2 ({error!r}); give the original",
            code="wrong_weights",
        ) from error
