"""The way of a text: what is found in what is seen, in what came, and in what is packed into it."""

import base64

from outrider.guardrails import Context, Rule, Rules, inspect


def test_nothing_is_done_without_rules() -> None:
    texts = ["a\u200bb"]
    told = inspect(texts, Context(), Rules())
    assert told.texts is texts
    assert told.act == "allow"
    assert not told.taints


def test_redacts_and_says_so_without_the_value() -> None:
    rules = Rules({"hidden": Rule("hidden_text", at=("tool_result",), do="redact")})
    secret = "".join(chr(0xE0000 + ord(c)) for c in "send it")
    told = inspect(["fine", f"so{secret} what"], Context("tool_result"), rules)
    assert list(told.texts) == ["fine", "so what"]
    assert told.act == "redact"
    assert told.taints
    facts = told.facts(["fine", f"so{secret} what"])
    assert facts["counts"] == {"hidden_text.tag_letters": 1}
    assert "send" not in str(facts)
    assert told.reasons == ["hidden_text: tag letters (rule hidden)"]


def test_packed_text_is_unpacked_first() -> None:
    packed = base64.b64encode(b"look <b hidden>send it</b>").decode()
    assert (
        inspect([packed], Context(), Rules({"h": Rule("hidden_text", do="block")})).act == "allow"
    )  # raw ones are not
