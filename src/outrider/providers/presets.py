"""Known OpenAI-compatible providers, read from `presets.yaml` on first use."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

Auth = Literal["bearer", "api-key", "x-api-key", "x-goog-api-key", "aws", "entra", "vertex", "none"]
"""`bearer` and `none`: a key goes as a bearer token; a header's name: in that header; `aws`, `entra`, `vertex`: a
module of `outrider.providers.signing` signs requests with the vendor's own credentials, unless there is a key."""
Prefill = Literal["", "continue_final_message", "prefix", "prefix_echoed", "partial", "trailing"]


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What sets one provider apart; the file's head explains the fields.

    `paths` maps an endpoint (`chat`, `embeddings`, `models`) to its path after `base_url`, where that is not the
    usual one; `{model}` in it stands for the model's name; `continue` is that of `chat` with a prefilled answer.
    `price_list` None: the preset's own name. `dialect` is a module of `outrider.providers`; `headers` go with every
    request. In `base_url` and `paths`, `{region}` and `{project}` stand for what the provider's settings say. `batch`
    is the part of the price that its own batch API costs ("": it has none that is known here), `batch_cached` that of
    input from its cache ("": the same); `batch_api` says which kind it is of, where the language does not, and with
    `batch_named` it takes only models for which the settings name a deployment of its own. With `batch_bucket` it takes
    batches in a bucket alone, whose URL begins so; `batch_least` is the fewest lines that it takes.
    """

    base_url: str = ""
    auth: Auth = "bearer"
    dialect: str = "openai"
    headers: Mapping[str, str] = {}
    env: str = ""
    base_url_env: str = ""
    paths: Mapping[str, str] = {}
    stream_usage: bool = True
    price_list: str | None = None
    prefill: Prefill = ""
    forms: tuple[Literal["json_schema", "json_object"], ...] = ("json_schema", "json_object")
    knows: tuple[str, ...] = ()
    tiers: Mapping[str, str] = {}
    limit: Literal["", "max_tokens", "max_completion_tokens"] = ""
    batch: str = ""
    batch_cached: str = ""
    batch_api: Literal["", "mistral"] = ""
    batch_named: bool = False
    batch_bucket: Literal["", "s3", "gs"] = ""
    batch_least: int = 0
    doc: str = ""


@cache
def presets() -> Mapping[str, Preset]:
    """All presets by name, in the file's order."""
    text = (resources.files("outrider.providers") / "presets.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, Preset])


def preset(name: str) -> Preset | None:
    """The preset of this name, None if there is none."""
    return presets().get(name)


def price_list(provider: str) -> str:
    """The name under which the price list knows `provider` (a preset's name or any other), "" if it does not."""
    known = preset(provider)
    return provider if known is None or known.price_list is None else known.price_list
