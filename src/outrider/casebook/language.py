"""The query language of the Casebook: one for the page, the API, the command line and MCP.

    voice agents "warm transfer" -chatbot industry:insurance,finance year:2023..2025 has:figures cost<-30%

Free words rank; a "phrase" must occur; `-` leaves out. `field:value` keeps, several values of a field (by comma or by
saying the field again) are alternatives, different fields must all hold, and each condition on a figure must hold. An
`Asked` has one canonical text, which parses to the same `Asked`: it is what addresses carry. Understanding plain
questions is in `understand.py`.
"""

import difflib
import re
from collections.abc import Mapping, Sequence

import msgspec

from outrider.base.errors import RequestError
from outrider.casebook import measures

LONGEST = 2_000
MOST_TERMS = 50
OPEN = ("year", "result")
"""Fields whose values are ranges and conditions instead of names."""
_FIRST, _LAST = 1990, 2100

_ITEM = re.compile(
    r'(?P<no>-|NOT\s+)?(?:(?P<field>[A-Za-z][A-Za-z_]*):(?P<value>(?:"[^"]*"|[^\s"])+)|"(?P<phrase>[^"]*)"|(?P<word>\S+))'
)
_VALUE = re.compile(r'"([^"]*)"|([^,"]+)')
_COMPARED = re.compile(r"[A-Za-z][\w/-]*(?:<=|>=|<|>|=)[+-]?\.?\d\S*")
_APART = re.compile(
    r"((?<!\S)-?(?:result:)?[A-Za-z][\w/-]*(?:<=|>=|<|>|=)[+-]?\.?\d[\d.]*)[ ]+"
    r"(%|(?:ms|milliseconds?|s|sec|seconds?|min|minutes?|h|hours?|days?|weeks?|months?|years?|percent|pct|points|pp"
    r"|x|times|[kmb]|mn|bn|thousand|million|billion|trillion|usd|eur|gbp|dollars?)(?![^\s,]))",
    re.IGNORECASE,
)
"""A condition whose number and unit stand apart: `latency<200 ms`."""
_YEARS = re.compile(r"(\d{4})?(\.\.)?(\d{4})?")
_EDGES = "\"'`´“”‘’„«»-–—:,;.!?()[]{}<>=/\\|*^~"


class Term(msgspec.Struct, frozen=True, omit_defaults=True):
    """Alternatives of one field. `without` leaves them out; `understood`: words were read as this, nobody wrote it."""

    field: str
    values: tuple[str, ...]
    without: bool = False
    understood: bool = False


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parsed query. `text` are the free words; every phrase of `phrases` must occur, none of `without` may."""

    text: str = ""
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()

    def term(self, field: str, *, without: bool = False) -> tuple[str, ...]:
        """The values of a field, () if it is not asked for."""
        return next((t.values for t in self.terms if t.field == field and t.without == without), ())


class Vocabulary(msgspec.Struct, frozen=True):
    """What may be asked: for every field each accepted spelling (folded) with its canonical value, and the labels of
    canonical values for people."""

    spellings: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, Mapping[str, str]] = {}

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.spellings, *OPEN)

    def label(self, field: str, value: str) -> str:
        return self.labels.get(field, {}).get(value, value)


def fold(text: str) -> str:
    """A spelling as vocabularies hold it: case, hyphens and space make no difference."""
    return " ".join(re.findall(r"[^\W_]+|[+#&]", text.casefold()))


def parse(query: str, vocabulary: Vocabulary) -> Asked:
    """What `query` asks. Raises RequestError (`param` is `q`) that names what is wrong and the nearest right word."""
    if len(query) > LONGEST:
        raise _wrong(f"the query has {len(query):,} characters; at most {LONGEST:,} are read. Ask in fewer words")
    words: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    terms: list[Term] = []
    alternatives = False
    for match in _ITEM.finditer(_printable(query)):
        no = match["no"] is not None
        if match["word"] in ("OR", "AND") and not no:
            alternatives = match["word"] == "OR"
            continue
        term = _term(match, no, vocabulary)
        if term is not None:
            _check_alternatives(alternatives, terms, term)
            terms.append(term)
        elif match["phrase"] is not None or match["value"] is not None:
            given = match["phrase"] if match["value"] is None else f"{match['field']}:{match['value']}"
            (without if no else phrases).append(_phrase(given))
        else:
            _take_word(match["word"], no, words, phrases, without)
        alternatives = False
    if len(terms) > MOST_TERMS or len(phrases) + len(without) > MOST_TERMS:
        raise _wrong(f"the query has more than {MOST_TERMS} conditions; leave some out")
    kept = [tuple(dict.fromkeys(p for p in listed if p)) for listed in (phrases, without)]
    return Asked(" ".join(words), kept[0], kept[1], merged(terms))


def _term(match: re.Match[str], no: bool, vocabulary: Vocabulary) -> Term | None:
    field, value = match["field"], match["value"]
    if field is None:
        word = match["word"]
        if word is None or not _COMPARED.fullmatch(word):
            return None
        name = re.split("[<>=]", word)[0]
        if name.lower() == "year":
            return Term("year", (_compared_year(word[4:]),), no)
        return Term("result", (_condition(word),), no)
    field = field.lower()
    if field not in vocabulary.fields:
        if value.startswith("//"):
            return None
        raise unknown_field(field, vocabulary)
    values = [(a or b).strip() for a, b in _VALUE.findall(value)]
    found = [v for given in values if given for v in _values(field, given, vocabulary)]
    if not found:
        raise _wrong(f"`{field}:` has no value; for example {_example(field, vocabulary)}")
    return Term(field, tuple(found), no)


def _values(field: str, given: str, vocabulary: Vocabulary) -> Sequence[str]:
    if field == "year":
        return [_years(given)]
    if field == "result":
        return [_condition(given)]
    known = vocabulary.spellings[field]
    value = known.get(fold(given))
    if value is None:
        raise unknown_value(field, given, vocabulary)
    return [value]


def unknown_field(field: str, vocabulary: Vocabulary) -> RequestError:
    near = difflib.get_close_matches(field, vocabulary.fields, 1, 0.6)
    more = f"did you mean `{near[0]}:`?" if near else f"there are: {', '.join(vocabulary.fields)}."
    return _wrong(f"no field `{field[:40]}:`; {more} Put it in quotes to search for the words", "unknown_field")


def unknown_value(field: str, given: str, vocabulary: Vocabulary) -> RequestError:
    """The error for a value that a field does not have, with the nearest ones."""
    known = vocabulary.spellings[field]
    folded = fold(given[:100])
    near = difflib.get_close_matches(folded, known, 3, 0.6)
    near += [k for k in known if folded and (k.startswith(folded) or folded in k.split()) and k not in near]
    names = list(dict.fromkeys(known[n] for n in near))[:3]
    some = names or sorted(set(known.values()))[:8]
    shown = ", ".join(f"`{field}:{_quoted(n)}`" for n in some)
    more = f"did you mean {shown}?" if names else f"there are for example {shown}."
    return _wrong(f"no {field} {given[:60]!r} here; {more}", "unknown_value")


def _years(given: str) -> str:
    match = _YEARS.fullmatch(given.strip())
    first, dots, last = match.groups() if match else (None, None, None)
    if not (first or last) or (first and last and not dots):
        raise _wrong(f"{given[:40]!r} is no year; write year:2024, year:2023..2025, year:2023.. or year:..2022")
    return _span(int(first) if first else None, int(last) if last else None if dots else int(first or 0))


def _span(first: int | None, last: int | None) -> str:
    if first is not None and last is not None and first > last:
        raise _wrong(f"year:{first}..{last} ends before it begins; write year:{last}..{first}")
    return f"{first}" if first == last else f"{'' if first is None else first}..{'' if last is None else last}"


def _compared_year(text: str) -> str:
    match = re.fullmatch(r"(<=|>=|<|>|=)(\d{4})", text)
    if match is None:
        raise _wrong(f"{('year' + text)[:40]!r} is no condition on a year; write year:2023..2025 or year>=2023")
    sign, year = match[1], int(match[2])
    return _span(
        year + (sign == ">") if sign in (">", ">=", "=") else None,
        year - (sign == "<") if sign in ("<", "<=", "=") else None,
    )


def year_span(value: str) -> tuple[int, int]:
    """First and last year of `2024`, `2023..2025`, `2023..` or `..2022`."""
    first, dots, last = value.partition("..")
    return int(first or _FIRST), int(last or _LAST) if dots else int(first)


def _condition(text: str) -> str:
    try:
        return measures.condition(text.replace("_", " ")).text
    except ValueError as error:
        raise _wrong(str(error)) from None


def _check_alternatives(asked: bool, terms: list[Term], new: Term) -> None:
    if asked and terms and (terms[-1].field != new.field or new.field == "result"):
        raise _wrong(f"OR works within one field; `{terms[-1].field}` and `{new.field}` must both hold. Ask twice")


def _take_word(word: str, no: bool, words: list[str], phrases: list[str], without: list[str]) -> None:
    plain = word.strip(_EDGES)
    if not re.search(r"\w", plain):
        return
    if no and not plain[0].isdigit():
        without.append(_phrase(plain))
    elif _plain(plain):
        words.append(plain)
    else:
        phrases.append(_phrase(plain))


def _plain(word: str) -> bool:
    """Whether a free word, written again, is read as the same free word."""
    match = _ITEM.fullmatch(word)
    return bool(match and match["word"] == word and '"' not in word) and not (
        word in ("OR", "AND", "NOT") or _COMPARED.fullmatch(word)
    )


def _phrase(text: str) -> str:
    return " ".join(text.replace('"', " ").split())


def _printable(text: str) -> str:
    """One line, with a unit beside its number."""
    line = re.sub(r"(?<=\d) +(?=%)", "", "".join(c if c.isprintable() else " " for c in text))
    parts = re.split(r'("[^"]*")', line)  # what is in quotes stays as it is
    return "".join(part if part.startswith('"') else _APART.sub(_together, part) for part in parts)


def _together(match: re.Match[str]) -> str:
    return match[0] if match[1].lower().lstrip("-").startswith("year") else match[1] + match[2]


def merged(terms: Sequence[Term]) -> tuple[Term, ...]:
    """One term for each field and sense, in a fixed order; conditions on figures stay apart, for each must hold."""
    groups: dict[tuple[str, bool, str], list[Term]] = {}
    for term in terms:
        own = term.values[0] if term.field == "result" else ""
        groups.setdefault((term.field, term.without, own), []).append(term)
    return tuple(
        Term(field, tuple(sorted({v for t in same for v in t.values})), without, all(t.understood for t in same))
        for (field, without, _), same in sorted(groups.items(), key=lambda g: g[0])
    )


def canonical(asked: Asked) -> str:
    """The text of `asked`: parsing it gives the same (that something was understood is not written down)."""
    parts = [asked.text] if asked.text else []
    parts += [f'"{p}"' for p in asked.phrases] + [f'-"{p}"' for p in asked.without]
    return " ".join([*parts, *(written(t) for t in asked.terms)])


def written(term: Term) -> str:
    """One term as it stands in a query: `industry:finance,insurance`, `-year:2022`, `result:cost<-30%`."""
    return f"{'-' if term.without else ''}{term.field}:{','.join(_quoted(v) for v in term.values)}"


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s,]", value) else value


def _example(field: str, vocabulary: Vocabulary) -> str:
    if field in OPEN:
        return "year:2023..2025" if field == "year" else "result:deflection>50%"
    return f"{field}:{_quoted(next(iter(vocabulary.spellings[field].values()), '…'))}"


def _wrong(message: str, code: str = "invalid_query") -> RequestError:
    return RequestError(message, code=code, param="q")
