"""Names in a text, found by rules: runs of capitalised words, titles of documents, and their parts that are titles.

A name is known by its key: small letters, no accents, no possessive, no leading article. Rules find what a text calls
by name in any language that writes names with capitals; they neither classify nor guess.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

MOST_WORDS = 8
"""Words of the longest name."""
_SMALL = "of the de la le du des von van der den di da del bin al ibn", "and & for in on at to y e und"
_JOINTS = frozenset(_SMALL[1].split())
"""Small words that may stand inside of a name, or between two."""
_LINKS = _JOINTS.union(_SMALL[0].split())
_TOKEN = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*'?|&|\S")
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_INITIAL = re.compile(r"(?<![^\W_])([A-Z])\.(?=\s|[A-Z]\.)")
_OPENING = """
    the a an this that these those it its he his him she her they their them we our you your i my me who whom whose
    which what when where why how is are was were be been being do does did has have had can could may might must
    shall should will would in on at by for from to of with without within about after before during since until
    under over between among through as if while although though because so and or but nor not no yes also however
    both each every all any some many most more few several such one two three first second third there here then
    than now today other another following according despite due much only even often sometimes later early current
    currently originally initially recently eventually finally together once like unlike let see note name located
    known born
"""
STARTERS = frozenset(_OPENING.split())
"""Words that open a sentence with a capital and name nothing."""


def key(name: str) -> str:
    """What a name is known by. "" for none."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"['’]s?(?=\s|$)", "", plain)
    return bare(" ".join(re.findall(r"[^\W_]+", words)))


def bare(words: str) -> str:
    """A key without its leading article."""
    return words.removeprefix("the ").removeprefix("a ").removeprefix("an ")


def title_keys(title: str) -> list[str]:
    """Keys of a title: as it stands, and without what stands in brackets at its end to tell it from others."""
    bare = _PARENTHESIS.sub("", title)
    return [k for k in dict.fromkeys((key(title), key(bare))) if k]


def names(text: str, known: Callable[[str], bool] = lambda _: False) -> Iterator[str]:
    """Keys of the names in `text`, as often as they stand there: every run of capitalised words, what stands on either
    side of an `and` in it, and the parts of a run that are `known` (titles)."""
    for run in _runs(text):
        keys = dict.fromkeys(key(" ".join(part)) for part in (run, *_apart(run)))
        for start, word in enumerate(run):
            if word[0].isupper():
                parts = (key(" ".join(run[start:end])) for end in range(start + 1, len(run) + 1))
                keys.update(dict.fromkeys(part for part in parts if part and known(part)))
        yield from (k for k in keys if k and not k.isdigit())


def named(text: str, known: Callable[[str], bool]) -> list[str]:
    """Keys of what a question names: its names, and any of its words in a row that are `known`, whatever their case;
    the longest first. Words inside of a longer known name do not count by themselves."""
    words = [t for t in _TOKEN.findall(text) if t[0].isalnum()]
    taken = [False] * len(words)
    found = []
    for size in range(min(MOST_WORDS, len(words)), 0, -1):
        for at in range(len(words) - size + 1):
            edges = {words[at].lower(), words[at + size - 1].lower()}
            if any(taken[at : at + size]) or edges & STARTERS:
                continue
            one = key(" ".join(words[at : at + size]))
            if one and known(one):
                taken[at : at + size] = [True] * size
                found.append(one)
    return list(dict.fromkeys([*found, *names(text, known)]))


def _runs(text: str) -> Iterator[list[str]]:
    """Runs of capitalised words, with small linking words between two of them; at most `MOST_WORDS` long each."""
    run: list[str] = []
    links: list[str] = []
    for token in _TOKEN.findall(_INITIAL.sub(r"\1", text)):
        if token[0].isupper() or (run and not links and token[0].isdigit()):
            if len(run) + len(links) >= MOST_WORDS:
                yield from _closed(run)
                run, links = [], []
            run += [*links, token]
            links = []
        elif run and token.lower() in _LINKS and len(links) < 2:
            links.append(token)
        else:
            yield from _closed(run)
            run, links = [], []
    yield from _closed(run)


def _apart(run: list[str]) -> Iterator[list[str]]:
    start = 0
    for at, word in enumerate(run):
        if word in _JOINTS:
            yield run[start:at]
            start = at + 1
    if start:
        yield run[start:]


def _closed(run: list[str]) -> Iterator[list[str]]:
    """A run without the words that only opened its sentence."""
    start = 0
    while start < len(run) and run[start].lower() in STARTERS | _LINKS:
        start += 1
    if start < len(run):
        yield run[start:]
