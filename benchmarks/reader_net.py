"""The network of the reader, for PyTorch: how it is born, how it reads, and the file of it that
`outrider/knowledge/reader.py` runs. The tokens of a question and of a sentence attend to one another in two layers."""

import math
from pathlib import Path
from typing import Any, NamedTuple

from outrider.knowledge import reader

Net = dict[str, Any]
"""Tensors by their names."""
WIDTH, HEADS, LAYERS = 96, 4, 2
SCALE, FAR = 8.0, -1e9
"""Of the unit vectors of tokens before they are projected; and what is added where there is no token."""


class Batch(NamedTuple):
    """Vectors of tokens of both texts, padded, with where there are any, and how near the texts are."""

    asked: Any
    asked_there: Any
    said: Any
    said_there: Any
    near: Any


def born(seed: int) -> Net:
    """Weights before any training."""
    import torch

    torch.manual_seed(seed)
    wide = WIDTH
    lines = {"proj": (reader.DIMENSIONS, wide), "feat": (3, wide)}
    net: Net = {"seg": torch.zeros(2, wide)}
    for layer in range(LAYERS):
        name = f"blocks.{layer}"
        lines |= {f"{name}.q": (wide, wide), f"{name}.kv": (wide, 2 * wide), f"{name}.o": (wide, wide)}
        lines |= {f"{name}.f1": (wide, 2 * wide), f"{name}.f2": (2 * wide, wide)}
        for norm in (f"{name}.n1", f"{name}.n2"):
            net |= {f"{norm}.weight": torch.ones(wide), f"{norm}.bias": torch.zeros(wide)}
    for name, (of, to) in lines.items():
        most = 1 / math.sqrt(of)
        net[f"{name}.weight"] = torch.empty(to, of).uniform_(-most, most)
        net[f"{name}.bias"] = torch.empty(to).uniform_(-most, most)
    net |= {"n.weight": torch.ones(wide), "n.bias": torch.zeros(wide)}
    net |= {"head.weight": torch.zeros(1, 2 * wide + 5), "head.bias": torch.zeros(1)}
    return net


def read(w: Net, of: Batch, drop: float = 0.0) -> Any:
    """The log-odds that the sentences of a batch answer. `drop`: the share of what is dropped while training."""
    import torch
    from torch.nn import functional

    asked, asked_there, said, said_there, near = of
    alike = asked @ said.transpose(1, 2)
    alike = alike.masked_fill(~(asked_there[:, :, None] & said_there[:, None, :]), -1.0)
    of_asked, of_said = alike.max(2).values, alike.max(1).values
    x = torch.cat(
        [
            _line(w, "proj", asked * SCALE) + w["seg"][0] + _line(w, "feat", _marks(of_asked, asked_there)),
            _line(w, "proj", said * SCALE) + w["seg"][1] + _line(w, "feat", _marks(of_said, said_there)),
        ],
        dim=1,
    )
    x = functional.dropout(x, drop, drop > 0)
    unseen = (~torch.cat([asked_there, said_there], dim=1)).float()[:, None, None, :] * FAR
    for layer in range(LAYERS):
        x = _layer(w, f"blocks.{layer}", x, unseen, drop)
    x = _norm(w, "n", x)
    many, of_long, long = asked.shape[1], asked_there.sum(1), said_there.sum(1)
    known = [
        of_asked.masked_fill(~asked_there, 0.0).sum(1) / of_long,
        of_asked.masked_fill(~asked_there, 2.0).min(1).values,
        of_said.masked_fill(~said_there, 0.0).sum(1) / long,
        near,
        torch.log(long.float()) / 3,
    ]
    mean = (x[:, :many] * asked_there[..., None]).sum(1) / of_long[:, None]
    most = x[:, many:].masked_fill(~said_there[..., None], -9.0).max(1).values
    return _line(w, "head", torch.cat([mean, most, torch.stack(known, dim=-1)], dim=-1))[:, 0]


def _marks(best: Any, there: Any) -> Any:
    import torch

    best = best.masked_fill(~there, 0.0)
    mean = best.sum(1, keepdim=True) / there.sum(1, keepdim=True)
    return torch.stack([best, best**3, best - mean], dim=-1)


def _layer(w: Net, name: str, x: Any, unseen: Any, drop: float) -> Any:
    from torch.nn import functional

    many, long, _ = x.shape
    y = _norm(w, f"{name}.n1", x)
    q, (k, v) = _line(w, f"{name}.q", y), _line(w, f"{name}.kv", y).chunk(2, dim=-1)
    q, k, v = (one.reshape(many, long, HEADS, WIDTH // HEADS).transpose(1, 2) for one in (q, k, v))
    attention = (q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS) + unseen).softmax(-1)
    mixed = (attention @ v).transpose(1, 2).reshape(many, long, WIDTH)
    x = x + functional.dropout(_line(w, f"{name}.o", mixed), drop, drop > 0)
    inner = functional.gelu(_line(w, f"{name}.f1", _norm(w, f"{name}.n2", x)), approximate="tanh")
    return x + functional.dropout(_line(w, f"{name}.f2", inner), drop, drop > 0)


def _line(w: Net, name: str, x: Any) -> Any:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def _norm(w: Net, name: str, x: Any) -> Any:
    from torch.nn import functional

    return functional.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"])


def save(path: Path, net: Net) -> None:
    """The network as `reader.py` runs it: one question, and sentences of whatever number and length."""
    import torch

    def scores(question: Any, sentences: Any, there: Any, near: Any) -> Any:
        asked = question.expand(sentences.shape[0], -1, -1)
        return read(net, Batch(asked, torch.ones_like(asked[:, :, 0]) > 0, sentences, there > 0, near))

    module = torch.nn.Module()
    module.forward = scores
    tokens = torch.randn(4, 9, reader.DIMENSIONS)
    torch.onnx.export(
        module.eval(),
        (tokens[:1, :7], tokens[1:], torch.ones(3, 9, dtype=torch.int64), torch.rand(3)),
        str(path),
        input_names=["question", "sentences", "there", "near"],
        output_names=["scores"],
        opset_version=17,
        dynamic_axes={
            "question": {1: "asked"},
            "sentences": {0: "many", 1: "said"},
            "there": {0: "many", 1: "said"},
            "near": {0: "many"},
            "scores": {0: "many"},
        },
    )
