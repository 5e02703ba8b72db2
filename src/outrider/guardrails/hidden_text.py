"""Text that people do not see and a model reads: invisible characters, turned directions, look-alike letters, what a
page hides by its style."""

import re
from collections.abc import Iterator

import msgspec

from outrider.base import hidden
from outrider.guardrails._contract import Context, Finding

NAME = "hidden_text"
WHAT = "Characters that nobody sees, turned directions, look-alike letters, and what a page hides by its style."
STAGES = ("input", "output", "tool_result", "tool_args")
KINDS = ("tag_letters", "variation_selectors", "invisible", "direction", "look_alikes", "hidden_style", "comment")
RAW = True
TAINTS = True

_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0001-\U000e007f]{2,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u180e\u200b\u200e\u200f\u2060-\u2064\u2800\u3164\ufeff\uffa0\u200c\u200d]{4,}"
    "|(?<=[A-Za-z])[\u034f\u200b-\u200d\u2060-\u2064\ufeff\u180e]+(?=[A-Za-z])"
)
_TURNED = re.compile("[\u202d\u202e][^\u202c\n]*\u202c?|[\u202a\u202b\u2066-\u2068]{3,}")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
_MIXED = re.compile(r"[^\W\d_]{2,}")
_COMMENT = re.compile(r"<!--(?P<said>.*?)(?:-->|\Z)", re.DOTALL)
_OPENS = re.compile(r"<(?P<name>[a-zA-Z][\w-]*+)(?P<rest>[^<>]*+)>")
_WORDS = re.compile(r"\w+")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not looked for."""

    ignore: tuple[str, ...] = ("comment",)


def check(text: str, context: Context) -> list[Finding]:
    ignored = context.options.ignore if context.options is not None else ()
    return [one for one in _all(text) if one.kind not in ignored]


def unfinished(text: str, context: Context) -> int:
    """A run of what nobody sees, or a tag, may go on."""
    tail = len(text)
    while tail and (hidden.is_hidden(text[tail - 1])):
        tail -= 1
    opened = max(text.rfind("<!--"), _last_hidden(text))
    return min(tail, opened) if opened >= 0 else tail


def _last_hidden(text: str) -> int:
    """The last element that its style hides and that is not closed yet, or a tag that is not."""
    at = text.rfind("<")
    if at >= 0 and ">" not in text[at:]:
        return at
    for one in _styled(text):
        if one.end == len(text):
            return one.start
    return -1


def _all(text: str) -> Iterator[Finding]:
    if not text.isascii():
        for match in _TAGS.finditer(text):
            yield Finding(match.start(), match.end(), "tag_letters", replacement="")
        for match in _SELECTORS.finditer(text):
            yield Finding(match.start(), match.end(), "variation_selectors", replacement="")
        for match in _INVISIBLE.finditer(text):
            yield Finding(match.start(), match.end(), "invisible", replacement="")
        yield from _turned(text)
        yield from _look_alikes(text)
    if "<" in text:
        yield from _styled(text)
        for match in _COMMENT.finditer(text):
            if len(_WORDS.findall(match["said"])) >= 3:
                yield Finding(match.start(), match.end(), "comment", replacement="")


def _turned(text: str) -> Iterator[Finding]:
    if not _RIGHT_TO_LEFT.search(text):
        for match in _TURNED.finditer(text):
            yield Finding(match.start(), match.end(), "direction")


def _look_alikes(text: str) -> Iterator[Finding]:
    """Words that mix Latin letters with such as only look Latin."""
    for match in _MIXED.finditer(text):
        word = match[0]
        if not word.isascii() and any(c in hidden.ALIKE for c in word) and any("a" <= c.lower() <= "z" for c in word):
            plain = "".join(hidden.ALIKE.get(c, c) for c in word)
            if plain.isascii():
                yield Finding(match.start(), match.end(), "look_alikes", replacement=plain)


# -- styles -----------------------------------------------------------------------------------------------------------

_STYLE = re.compile(r"""style\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*(?:0(?:\.0\d*)?|\.0\d*)\s*(?:;|!|$)"
    r"|font-size\s*:\s*(?:0(?:\.\d+)?|1(?:\.\d+)?\s*px|0?\.\d+\s*(?:px|pt|em))\s*(?:[a-z%]*)\s*(?:;|!|$)"
    r"|(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\s*\d{3,}"
    r"|clip(?:-path)?\s*:\s*(?:rect\(\s*0|inset\(\s*(?:50|100)%)|mso-hide\s*:\s*all|transform\s*:\s*scale\(\s*0",
    re.IGNORECASE,
)
_SMALL = re.compile(r"(?:height|width)\s*+:\s*+[01](?:px)?\s*+;", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow\s*+:\s*+hidden", re.IGNORECASE)
_COLOUR = re.compile(r"(?<![\w-])color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_HIDDEN = re.compile(r"(?<![\w\"'=-])hidden(?![\w-])|aria-hidden\s*=\s*[\"']?true", re.IGNORECASE)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_WHITE = ("white", "#fff", "#ffffff", "#fefefe", "rgb(255,255,255)", "rgba(255,255,255,1)", "transparent")


def _styled(text: str) -> Iterator[Finding]:
    """Elements that their style hides, with all that is in them."""
    last = 0
    for opens in _OPENS.finditer(text):
        if opens.start() < last or not _hides(opens["rest"]) or opens["name"].lower() in _VOID:
            continue
        last = _closed(text, opens)
        if _WORDS.search(text, opens.end(), last):
            yield Finding(opens.start(), last, "hidden_style", replacement="")


def _hides(rest: str) -> bool:
    style = _STYLE.search(rest)
    said = (style[1] or style[2] or "") if style else ""
    if said and (_UNSEEN.search(said) or (_SMALL.search(said) and _CLIPPED.search(said)) or _same_colour(said)):
        return True
    bare = _STYLE.sub("", rest)
    return bool(_HIDDEN.search(re.sub(r"=\s*(?:\"[^\"]*\"|'[^']*')", "=", bare))) or 'aria-hidden="true"' in bare


def _same_colour(style: str) -> bool:
    colour, ground = _COLOUR.search(style), _GROUND.search(style)
    if colour is None:
        return False
    said = re.sub(r"\s", "", colour[1]).lower()
    behind = re.sub(r"\s", "", ground[1]).lower() if ground else ""
    clear = re.fullmatch(r"(?:rgba|hsla)\(.*,0(?:\.0\d*)?\)|#[0-9a-f]{6}0[0-9a-f]|#[0-9a-f]{3}0", said)
    return bool(clear) or said == behind or (said in _WHITE and (not behind or behind in _WHITE))


def _closed(text: str, opens: re.Match[str]) -> int:
    """Where the element ends, or the text if it is not closed."""
    depth = 1
    for tag in re.finditer(rf"<(/?){re.escape(opens['name'])}\b[^<>]*>", text[opens.end() :], re.IGNORECASE):
        depth += -1 if tag[1] else 1
        if not depth:
            return opens.end() + tag.end()
    return len(text)
