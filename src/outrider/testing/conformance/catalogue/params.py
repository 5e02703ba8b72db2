"""What shapes an answer: sampling, choices, forms, tiers and labels."""

from outrider.testing.conformance.catalogue.making import CITY, one, says
from outrider.testing.speaking.words import Likely, Reply, Text

LIKELY = (
    Likely("Yes", -0.1, (("Yes", -0.1), ("No", -2.5))),
    Likely(" été", -0.5, ((" été", -0.5), (" winter", -1.25))),
)

SCENES = (
    one("temperature", "Temperature", params={"temperature": 0.25}),
    one("top-p", "Nucleus sampling", params={"top_p": 0.5}),
    one("hot", "A temperature above one", params={"temperature": 1.5}, needs="hot"),
    one("top-k", "Top-k sampling", params={"top_k": 5}, needs="top_k"),
    one("seed", "Seed", params={"seed": 7}, needs="seed"),
    one("penalties", "Penalties", params={"presence_penalty": 0.5, "frequency_penalty": -0.5}, needs="penalties"),
    one(
        "choices",
        "Several choices",
        params={"n": 2},
        needs="n",
        tells="more",
        reply=Reply((Text("Heads."),), more=((Text("Tails."),),)),
    ),
    one(
        "logprobs",
        "Log-probabilities",
        params={"logprobs": 2},
        needs="logprobs",
        tells="likely",
        reply=says("Yes été", likely=LIKELY),
    ),
    one(
        "schema",
        "An answer by a JSON schema",
        params={"schema": CITY},
        reply=says('{"city":"Zürich","days":3}'),
    ),
    one("json", "An answer that is a JSON object", params={"json": True}, needs="json", reply=says('{"a":1}')),
    one("safety", "Safety settings", params={"safety": ["HARM_CATEGORY_HARASSMENT=BLOCK_NONE"]}, needs="safety"),
    one("tier", "Service tier", params={"tier": "flex"}, needs="tier"),
    one("verbosity", "Verbosity", params={"verbosity": "low"}, needs="verbosity"),
    one("cache-key", "Key of the prompt cache", params={"cache_key": "k1"}, needs="cache_key"),
    one("user-label", "The end user's label", params={"user": "u-1"}, needs="user"),
    one("metadata", "Metadata", params={"metadata": {"team": "red"}}, needs="metadata"),
)
