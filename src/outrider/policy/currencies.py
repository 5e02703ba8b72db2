"""Which currency a user spoke of, and whether a call takes another: 5,000 yen are no 5,000 euro."""

import re
from collections.abc import Sequence
from functools import lru_cache

_GROUPS = tuple(
    frozenset(line.split())
    for line in (
        "€ euro euros eur ユーロ",
        "$ dollar dollars usd buck bucks aud cad nzd sgd hkd mxn us$ ドル",
        "£ pound pounds gbp quid pfund",
        "¥ yen jpy cny yuan rmb 円 元",
        "₹ rupee rupees inr",
        "franc francs chf franken sfr",
        "kronor kronur krone kroner kr sek nok dkk isk",
        "peso pesos mxn ars clp cop php",
        "real reais brl r$",
        "zł zloty pln",
    )
)
"""Words and signs that may mean the same currency."""
_ALL = frozenset().union(*_GROUPS)
_TOKEN = re.compile(r"us\$|r\$|[€$£¥₹円元]|ユーロ|ドル|[^\W\d_]+")
_MARKED = re.compile(r"([^\W\d_]+|us\$|r\$|[€$£¥₹])\s?\d|\d(?:k|m)?\s?([^\W\d_]+|[€$£¥₹])")
_CODE = re.compile(r"[a-z]{3}|[€$£¥₹]")


def is_currency(word: str) -> bool:
    return word in _ALL


def another_currency(asked: Sequence[str], text: str) -> bool:
    """Whether a text names a currency, and the user (plain) has others beside their numbers."""
    named = [one for one in _TOKEN.findall(text.lower()) if one in _ALL or _CODE.fullmatch(one)]
    said = {one for each in asked for one in _said(each)}
    return bool(named and said) and not all(
        any({one, word} <= group for group in _GROUPS for word in said) for one in named
    )


@lru_cache(1024)
def _said(text: str) -> frozenset[str]:
    return frozenset(one for match in _MARKED.finditer(text) for one in match.groups() if one in _ALL)
