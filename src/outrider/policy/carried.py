"""What a call carries: links, addresses and secrets in its texts, and texts of others that are passed on."""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from outrider.policy.dictated import quoted
from outrider.policy.forms import base_of
from outrider.policy.kinds import kinds_of, names
from outrider.policy.normal import fold, plain
from outrider.policy.origins import Origin, Traced, trace
from outrider.policy.private import is_telling
from outrider.policy.state import SessionState
from outrider.policy.words import THINGS, word_set

_ENDINGS = (  # of hosts, and not of files
    r"(?:com|net|org|info|biz|io|dev|app|ai|xyz|site|online|shop|top|club|cloud|link|live|store|tech|page|blog|example"
    r"|(?!md|py|sh|rs|pl|ps|js|ts|cc|so|go|vb|db|gz|xz|ex|rb)[a-z]{2})"
)
_ATOMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("://", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"')\]]+", re.IGNORECASE)),
    ("@", re.compile(r"[^\s<>\"',;:()@]{1,100}@[^\s<>\"',;:()@]{1,100}\.\w+")),
    (
        ".",
        re.compile(
            rf"(?<![@\w/.-])(?:www\.[^\s<>\"')\]]+|(?:[\w-]{{2,60}}\.){{1,4}}{_ENDINGS}\b(?![.\w])(?:/[^\s<>\"')\]]*)?)",
            re.IGNORECASE,
        ),
    ),
    ("", re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}[A-Z0-9 ]{10,29}[A-Z0-9]\b|\+\d[\d ()-]{7,20}\d")),
)
"""Links, addresses, hosts, account and phone numbers, each with what a text must have to have one."""
_CODE = re.compile(
    r"(?<![\w.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z_-])[A-Za-z0-9](?:[\w-]{3,60})[A-Za-z0-9](?![\w-])|(?<![\w.,-])\d{6,20}(?![\w.,-])"
)
_HARMLESS = re.compile(
    r"\d{4}-\d\d?(?:-\d\d?)?(?:[tT][\d-]*)?|\d+(?:st|nd|rd|th|am|pm|min|h|km|kg|eur|usd|chf|px|gb|mb|ms|x)|"
    r"\d{1,3}-[a-z]{3,}(?:-[a-z]+)*|[a-z]+-\d{1,2}|[a-z]+(?:-[a-z]+)+-?\d?|\d{1,4}-\d{1,4}"
)
"""What looks like a code and is a day, a quantity, or `follow-up-2`."""
_LONG_CODE = 24
"""Characters from which a code that nobody said is taken for something encoded."""
_LINKS = 50
"""Most links of one call that are looked up; more count as others' own."""
_NUMBERED = re.compile(r"([a-z]{1,12}-)(\d{1,6})")
_WORDS = re.compile(r"[^\W_]+")
_PATH = re.compile(r"/|\w\.[a-z]\w*$")
_A_NAME = re.compile(r"(?<=[\w,;:)\"'-] )[A-ZÀ-Þ][a-zß-ÿ]{4,}(?![\w-])")
_MOST_LOOKED_AT = 20_000
_JOINING = word_set(
    "the and are was were have has had been being you your yours our ours will would can could may might shall should "
    "for about with from into this that these those there here which what who whom when where how than then them they "
    "him her his hers its but just also very much more most some any all both dear hello thanks thank please regards "
    "kind best wishes yes sincerely"
)
"""Words of a message that tell nothing by themselves. `not` does."""
_RUN, _LONG_RUN = 8, 12
"""So many words in a row that others wrote are their text; the longer where the user asked for the gist of it."""
_MOST_RUNS = 400
_RELAYS = re.compile(
    r"\b(?:forward|fwd|pass(?:es|ed)? on|share|cop(?:y|ies)|paste|quote|verbatim|word for word|transcri\w+|translat\w+|"
    r"relay|repost|contents?|full text|append|attach|save|store|import|export|backup|extract|merge|collect|"
    r"move(?=.{1,80}(?:\b(?:files?|notes?|text|mails?|e-?mails?|documents?|docs?|pages?|lists?|messages?|section)\b|/))|"
    r"weiterleit\w*|leite|kopier\w*|teile|zitier\w*|übersetz\w*|inhalt|transf[éeè]re\w*|copi\w*|partage\w*|tradui\w*|"
    r"contenu|reenv[íi]a\w*|comparte|traduc\w*|contenido|inoltra|condividi|doorsturen|everything)\b"
)
_A_NOUN = re.compile(
    r"\b(?:the|a|an|my|our|your|his|her|their|this|that|last|next)\s(?:move|share|store|quote|export|import|copy)\b"
)
"""Words that pass something on, where they are nouns: `the move into the new office`."""
_NOT_SO = re.compile(
    r"\b(?:can't|cannot|can not|won't|don't|do not|not|never|without)\s(?:\w+\s){0,2}(?:shar|forward|cop|pass)\w*"
)
"""The same where the user does not want it."""
_KEEPS = re.compile(r"\b(?:save|store|append)\b")
_SHORT = re.compile(
    r"\b(?:short\w*|brief|summar\w+|digest|gist|outline|zusammenfass\w*|kurz\w*|résum\w+|resum\w+|riassum\w+|"
    r"samenvatt\w*)\b"
)
_GISTS = re.compile(
    r"\b(?:look up|find out|find|search|check|read|fetch)\b.{1,160}\b(?:and|then) (?:\w+ ){0,2}"
    r"(?:post|send|mail|email|text|write|put|add|note|share|message|tell|drop)\b|"
    r"\b(?:list|digest|notes?|what|which|who|when|where|summar\w+|zusammenfass\w*|fasse|résum\w+|resum\w+|riassum\w+|"
    r"report|gist|outline|key|details?|info\w*|tell|answer\w*)\b"
)
"""Words with which a user asks that what others wrote goes on to somebody: all of it, or what matters in it."""

_ABSTRACTS = re.compile(
    r"\b(?:lists?|digest|what|which|summar\w+|zusammenfass\w*|fasse|résum\w+|resum\w+|riassum\w+|report|gist|outline|"
    r"details?|results?|findings?|info\w*|notes? from|based on|according to|status|overview|minutes|agenda|"
    r"short(?:er)? version|kurzfassung|samenvatt\w*)\b"
)
"""Words with which a user leaves it to the model what to tell of private data."""
_MESSAGES = frozenset(("send", "post"))
_OWN_WORDS = 3
"""Words of a message that are the model's beside what the user dictated; fewer than these in quotes are a name."""
_GO_OUT = frozenset(("send", "post", "share", "invite"))
_TOLD = re.compile(r"(?<=\w) (?:that|dass|whether|ob)\s.*")
"""What somebody is told, behind the verb that wants it told."""
_TEXT_IN = re.compile(
    r"\b(?:text|wording|body|content|contents|copy|wortlaut|texte|texto|testo|tekst)\s+(?:for it\s+|for this\s+)?"
    r"(?:(?:is|are|comes?|stands?|ist|steht|est|está|è|staat)\s+)?(?:in|from|of|aus|dans|depuis|en|de|nel|da|uit)\s+"
    r"(?:(?:the|this)\s+)?(?:file\s+|document\s+|datei\s+)?[\"'`]?(?P<path>[^\s\"'`,;]*[\w/])"
)
"""A file that a user says has the text of what is to be written."""


def links_of(carried: Sequence[str], state: SessionState, verb: str = "") -> list[Traced]:
    """Links, addresses and codes in what a call carries, with their origins."""
    return [one for text in carried for one in _links(text, state, verb)]


def _links(text: str, state: SessionState, verb: str) -> list[Traced]:
    found = [m[0].rstrip(".,;:!?") for sign, atom in _ATOMS if sign in text for m in atom.finditer(text)]
    if len(found) > _LINKS:
        return [Traced("", f"{len(found)} links", "url", Origin.MADE_UP)]
    traced = [one for atom in found for one in trace(state, "", atom, "recipient" if "://" not in atom else "url")]
    return traced + _codes(text, found, state, verb)


def _codes(text: str, besides: list[str], state: SessionState, verb: str) -> list[Traced]:
    """Passwords, keys and numbers that private data or others' texts have and the user did not say, and long ones that
    nobody said. That the user named its record for another effect does not let a private one go."""
    found = [m[0] for m in _CODE.finditer(text)]
    if len(found) > _LINKS:
        return [Traced("", f"{len(found)} codes", "id", Origin.MADE_UP)]
    traced = []
    for one in found:
        if _HARMLESS.fullmatch(one) or any(one in link for link in besides) or _is_short_for(plain(one), state):
            continue
        (where,) = trace(state, "", one, "other")[:1]
        if where.origin == Origin.UNTRUSTED or (where.origin == Origin.MADE_UP and len(one) >= _LONG_CODE):
            traced.append(where)
        elif where.origin == Origin.TRUSTED:
            known = state.field(plain(one))
            if known is not None and known.private:
                traced.append(where)
        elif where.origin == Origin.LINKED and verb and state.intent.named_elsewhere(verb, where.by):
            traced.append(msgspec.structs.replace(where, origin=Origin.TRUSTED))
    return traced


def _is_short_for(code: str, state: SessionState) -> bool:
    """`a duplicate of 412` beside `LED-398`: 412 is LED-412."""
    parts = _NUMBERED.fullmatch(code)
    if parts is None:
        return False
    head, number = parts.groups()
    alike = re.compile(rf"(?<![\w-]){re.escape(head)}\d+(?![\w-])")
    alone = re.compile(rf"(?<![\w.,-]){number}(?=\s*(?:$|[.,;!]))")
    return any(alike.search(text) and alone.search(text) for text in state.asked)


def passed_on(carried: Sequence[str], state: SessionState, verb: str = "") -> bool:
    """Whether a call carries what others wrote, word for word, though the user did not ask to pass on anything."""
    if state.taint is None:
        return False
    wishes = [_wish(text) for text in state.asked]
    if "all" in wishes and _for_this(state, verb):
        return False
    length = _LONG_RUN if "gist" in wishes else _RUN
    runs = [run for text in carried for run in _runs(fold(text), length)]
    if not runs:
        return False
    if len(runs) > _MOST_RUNS:
        runs = runs[:: len(runs) // _MOST_RUNS + 1]
    paths = _text_in(state)
    own = [*state.asked, *(state.read_from(paths) if paths else ())]
    return any(state.others_wrote(run) and not any(run in _spaced(text) for text in own) for run in runs)


def reworded(carried: Sequence[str], state: SessionState, verb: str) -> bool:
    """Whether the user dictated what is to be told (`mail Bob "I am late"`), and a message says something else."""
    if verb not in _MESSAGES or state.taint is None:
        return False
    wanted = [_WORDS.findall(one) for text in state.asked for one in _dictated(text)]
    if not wanted:
        return False
    said = {word for text in state.asked for word in _WORDS.findall(text)}
    texts = [_WORDS.findall(fold(text)) for text in carried]
    for words in wanted:
        row = f" {' '.join(words)} "
        having = [text for text in texts if row in f" {' '.join(text)} "]
        own = [[one for one in text if one not in said and (is_telling(one) or one.isdigit())] for text in having]
        if own and all(len(one) < _OWN_WORDS for one in own):
            return any(len(text) > _RUN for text in texts if text not in having)
    return any(texts)


@lru_cache(1024)
def _dictated(text: str) -> tuple[str, ...]:
    """What a text has in quotes at its end, as long as a message, and not called a thing's name."""
    found = []
    for start, end in quoted(text):
        before, inner = text[:start].split(), text[start + 1 : end - 1]
        is_name = not before or bool(kinds_of(before[-1].strip(",")))
        if len(_WORDS.findall(inner)) >= _OWN_WORDS and not is_name and len(_WORDS.findall(text[end:])) <= _OWN_WORDS:
            found.append(inner)
    return tuple(found)


def _for_this(state: SessionState, verb: str) -> bool:
    """Whether the words that want something passed on want it of this effect: who saves an attachment wants nothing of
    it told to somebody else. What somebody is told (`that I will share it`) is no such wish."""
    clauses = [(_TOLD.sub("", one.text), one.verbs) for one in state.intent.clauses]
    goes_out = verb in _GO_OUT
    stands = goes_out and any(
        verbs & _GO_OUT and not THINGS.isdisjoint(_WORDS.findall(text)) for text, verbs in clauses
    )
    return any(
        _wish(text) == "all" for text, verbs in clauses if not goes_out or stands or not verbs or verbs & _GO_OUT
    )


def _text_in(state: SessionState) -> list[str]:
    """The files that the user named as what has the text."""
    return [match["path"] for text in state.asked for match in _TEXT_IN.finditer(text) if _PATH.search(match["path"])]


def confided(carried: Sequence[str], state: SessionState, verb: str = "") -> bool:
    """Whether a call carries private words that the user neither said nor asked to tell. Who wants a summary or a list
    leaves it to the model what of the things is told that they named, and of no others."""
    wishes = [_wish(text) for text in state.asked]
    if state.private is None or ("all" in wishes and _for_this(state, verb)):
        return False
    pairs = state.confided(carried)
    if pairs and any(_ABSTRACTS.search(text) for text in state.asked):
        words = state.intent.words
        pairs = [one for one in pairs if not any(names(source, words) for source in state.sources_of(one))]
    if pairs and (paths := _text_in(state)):
        pairs = [one for one in pairs if not any(set(paths) & set(source) for source in state.sources_of(one))]
    left = () if any(_ABSTRACTS.search(text) for text in state.asked) else ("",)  # a model picks none of a whole list
    if any(not names((*source, *left), state.intent.words) for source in state.confided_numbers(carried)):
        return True
    alone = [one for one in _unsaid_names(carried, state) if _is_private(one, state)]
    if not pairs and not alone:
        return False
    meant = state.named_words()
    return any(meant.isdisjoint(pair) for pair in pairs) or not meant.issuperset(alone)


def _unsaid_names(carried: Sequence[str], state: SessionState) -> list[str]:
    """What is written like a name within a sentence, and the user did not say."""
    said = state.intent.words
    found = dict.fromkeys(fold(name) for text in carried for name in _A_NAME.findall(text[:_MOST_LOOKED_AT]))
    return [one for one in found if one not in said and f"{one}s" not in said and one.removesuffix("s") not in said]


def _is_private(word: str, state: SessionState) -> bool:
    """Whether private data alone have a word, and the user named none of what a model picked it from."""
    sources = state.private_sources(word)
    return bool(sources) and not any(names(source, state.intent.words) for source in sources)


@lru_cache(4096)
def _wish(text: str) -> str:
    """What a user wants to be passed on: `all`, the `gist`, or nothing. What is kept as a short version is no whole."""
    text = _NOT_SO.sub(" ", _A_NOUN.sub(" ", text))
    short = _SHORT.search(text) is not None
    if short and not _RELAYS.search(_KEEPS.sub(" ", text)):
        return "gist"
    return "all" if _RELAYS.search(text) else "gist" if short or _GISTS.search(text) else ""


@lru_cache(4096)
def _spaced(text: str) -> str:
    return " ".join(_WORDS.findall(text))


def _runs(text: str, length: int) -> list[str]:
    words = _WORDS.findall(text)
    return [" ".join(words[at : at + length]) for at in range(len(words) - length + 1)]


def share_said(carried: Sequence[str], state: SessionState, *, gist: bool = False) -> float:
    """What share of the words that a call carries the user has said; 1 where it carries none. Of the `gist` words that
    only join others are not counted, and `refunded` is said with `refund`; `Thanks` alone has none."""
    words = [word for text in carried for word in _WORDS.findall(fold(text)) if len(word) > 2]
    said = {word for text in state.asked for word in _WORDS.findall(text)}
    if gist:
        words = [base_of(word) for word in words if word not in _JOINING]
        said |= {base_of(word) for word in said}
        if not words:
            return 0.0
    return sum(word in said for word in words) / len(words) if words else 1.0
