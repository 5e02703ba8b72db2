"""Links and images that carry something out, or lead elsewhere than they say: Markdown, HTML and bare URLs.

A URL that the user or the operator wrote, or one of an allowed host, may be repeated. Any other is looked at for what
it carries: values of the conversation, encoded parts, more than an address needs.
"""

import base64
import binascii
import html
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Meta

from outrider.base import hidden
from outrider.guardrails._contract import Context, Finding

NAME = "links"
WHAT = "Links and images that carry data of the conversation out, or lead elsewhere than they say."
STAGES = ("output", "tool_args", "tool_result", "input")
KINDS = ("scheme", "carries", "encoded", "image", "mismatch", "userinfo", "link")
LONGEST = 4000
"""Characters of a URL that is waited for in a stream."""
MOST = 1000
"""Links of one text that are compared with the conversation; what more there are is taken for carrying something."""
_LONGEST_LABEL = 2000


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where links may lead."""

    allow: Annotated[
        tuple[str, ...], Meta(description="Hosts that are trusted: `example.com`, with its subdomains `*.example.com`.")
    ] = ()
    only_allowed: Annotated[bool, Meta(description="Every link to another host is a finding (`link`).")] = False
    words: Annotated[
        int, Meta(ge=2, le=50, description="Words in a row of the conversation that a URL may not repeat.")
    ] = 3


class Target(NamedTuple):
    """One link: its whole markup, its URL, what people read of it, and whether it is loaded without a click."""

    start: int
    end: int
    url: str
    label: str
    image: bool
    instead: str


_URL = r"[^\s<>()\"'`]*(?:\([^\s<>()\"'`]*\)[^\s<>()\"'`]*)*"
_TARGET = rf"(?:<(?P<angle>[^<>\n]*)>|(?P<url>{_URL}))"
_INLINE = re.compile(rf"(?P<bang>!?)\[(?P<label>(?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*+{_TARGET}(?:\s[^()]*+)?\)")
_REFERENCE = re.compile(r"(?m)^ {0,3}\[(?P<label>[^\]\n]+)\]:\s*<?(?P<url>[^\s<>]+)>?[^\n]*$")
_SHOWN = re.compile(r"(?<=[!\]])\[([^\[\]\n]+)\]")
"""Labels by which an image may be shown: `![label]`, `![alt][label]`."""
_ATTRIBUTE = re.compile(
    r"""(?P<name>(?:xlink:)?href|src|srcset|background|action|formaction|poster|data|cite|ping|lowsrc|content)\s*=\s*"""
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>]+))""",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(?P<name>[a-zA-Z][\w:-]*+)(?P<rest>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>")
_STYLE_URL = re.compile(r"(?:url\(\s*|@import\s+)[\"']?(?P<url>[^\"')\s]+)", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w])(?:https?|ftp|wss?|javascript|vbscript|file)\s?:[^\s<>\"'`]{2,}|(?<![\w/.:@-])www\.[^\s<>\"'`]{4,}", re.I
)
_CLICKED = ("a", "area", "form", "button", "blockquote", "q", "del", "ins")
_TRAILING = ".,;:!?)]}*_~"
_DANGEROUS = re.compile(r"^(?:javascript|vbscript|file|data):", re.IGNORECASE)
_HARMLESS = re.compile(r"^data:image/(?:png|jpe?g|gif|webp);base64,", re.IGNORECASE)
_SEPARATORS = re.compile(r"[^\w@]+|_")


def check(text: str, context: Context) -> list[Finding]:
    if not _may_link(text):
        return []
    options = context.options or Options()
    known = _Known(context)
    found = targets(text)
    judged = [one for target in found[:MOST] if (one := _judged(target, options, known)) is not None]
    return judged + [_finding(target, "carries", 0.5) for target in found[MOST:]]


def unfinished(text: str, context: Context) -> int:
    """A bracket, a tag or an address at the end may go on."""
    least = max(0, len(text) - LONGEST)
    word = _last_word(text, least)
    places = [word] if _ADDRESS_BEGINS.search(text, word) else []
    opened = text.rfind("<", least)
    if opened >= 0 and ">" not in text[opened:] and re.match(r"<[a-zA-Z/!]|<$", text[opened:]):
        places.append(opened)
    if (bracket := _open_bracket(text, least)) >= 0:
        places.append(bracket)
    return min(places, default=len(text))


_ADDRESS_BEGINS = re.compile(r":|www\.|//|(?:!|h|ht|htt|https?|w{1,3})\Z")


def _last_word(text: str, least: int) -> int:
    """Where the characters without white space at the end begin."""
    at = len(text)
    while at > least and not text[at - 1].isspace():
        at -= 1
    return at


def _open_bracket(text: str, least: int) -> int:
    """The last bracket of a link whose target is not complete."""
    at, tries = text.rfind("[", least), 8
    while at >= 0 and tries:
        rest, tries = text[at:], tries - 1
        if re.match(
            r"\[(?:[^\[\]]|\[[^\[\]]*\])*$|\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:$|\([^)]*$|\(<[^>]*$|:[^\n]*$)", rest
        ):
            inner = text.rfind("[", least, at)
            at = inner if inner >= 0 and "]" not in text[inner:at] else at
            return at - 1 if at and text[at - 1] == "!" else at
        at = text.rfind("[", least, at)
    return -1


def _may_link(text: str) -> bool:
    return "](" in text or "]:" in text or ":" in text or "www." in text or "<" in text or "//" in text


def targets(text: str) -> list[Target]:
    """All links of a text, in order; a URL within the markup of another link is told once."""
    found = sorted([*_markdown(text), *_markup(text)])
    marked, at, taken = len(found), 0, 0  # `taken`: the furthest end of what began before
    for match in _BARE.finditer(text):
        while at < marked and found[at].start <= match.start():
            taken, at = max(taken, found[at].end), at + 1
        if match.start() >= taken:
            url = _trimmed(match[0])
            found.append(Target(match.start(), match.start() + len(url), url, "", False, "[link removed]"))
    return sorted(found)


def _trimmed(url: str) -> str:
    end, unopened = len(url), url.count(")") - url.count("(")
    while end and url[end - 1] in _TRAILING:
        if url[end - 1] == ")":
            if unopened <= 0:
                break
            unopened -= 1
        end -= 1
    return url[:end]


def _markdown(text: str) -> Iterator[Target]:
    if "](" in text:
        for m in _INLINE.finditer(text):
            url = m["angle"] if m["angle"] is not None else m["url"]
            yield Target(m.start(), m.end(), url, m["label"], bool(m["bang"]), m["label"])
            for inner in _INLINE.finditer(m["label"]):  # an image that is a link
                url = inner["angle"] if inner["angle"] is not None else inner["url"]
                yield Target(m.start(), m.end(), url, inner["label"], bool(inner["bang"]), inner["label"])
    if "]:" in text:
        shown = set(_SHOWN.findall(text)) if "![" in text else ()
        for m in _REFERENCE.finditer(text):
            image = bool(shown) and (m["label"] in shown or "[" in m["label"])
            yield Target(m.start(), m.end(), m["url"], "", image, f"[{m['label']}]")


def _markup(text: str) -> Iterator[Target]:
    if "<" not in text:
        return
    closed = -1  # where the next link's text ends
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if ":" in name and name.split(":")[0] in ("http", "https", "mailto"):
            yield Target(tag.start(), tag.end(), tag[0][1:-1], "", False, "[link removed]")
            continue
        loaded = name not in _CLICKED
        if name == "a" and closed < tag.end():
            found = text.find("</a", tag.end())
            closed = found if found >= 0 else len(text)
        label = _label(text[tag.end() : min(closed, tag.end() + _LONGEST_LABEL)]) if name == "a" else ""
        for attribute in _ATTRIBUTE.finditer(tag["rest"]):
            said = html.unescape(
                next(v for v in (attribute["double"], attribute["single"], attribute["bare"]) if v is not None)
            )
            for url in _addresses(attribute["name"].lower(), said):
                yield Target(tag.start(), tag.end(), url, label, loaded, "")
        for styled in _STYLE_URL.finditer(html.unescape(tag["rest"])):
            yield Target(tag.start(), tag.end(), styled["url"], "", True, "")
    for styled in _STYLE_URL.finditer(text) if "<style" in text.lower() else ():
        yield Target(styled.start(), styled.end(), styled["url"], "", True, "")


def _addresses(name: str, said: str) -> list[str]:
    if name == "srcset":
        return [one.split()[0] for one in said.split(",") if one.strip()]
    if name == "content":
        told = re.search(r"url\s*=\s*[\"']?([^\"'\s>]+)", said, re.IGNORECASE)
        return [told[1]] if told else []
    return [said.strip()]


def _label(text: str) -> str:
    return re.sub(r"<[^>]*+>", "", text)


# -- what is known ----------------------------------------------------------------------------------------------------


class _Known:
    """What the conversation says, made only if a link asks for it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def was_given(self, url: str) -> bool:
        """Whether the user or the operator wrote this URL."""
        return any(_says(text, url) for text in self._context.given)

    def was_read(self, url: str) -> bool:
        """Whether the URL stands so in a text of the conversation: then it carries nothing that its author did not
        know."""
        return any(_says(text, url) for text in self._context.private)

    def carries(self, said: str, most: int) -> bool:
        """Whether the decoded parts of a URL repeat a value, or words in a row, of the conversation."""
        words = tuple(w for w in _SEPARATORS.split(said.casefold()) if w)
        squeezed = "".join(words)
        for text in self._context.private:
            values, runs = _values(text, most)
            if any(value in squeezed for value in values):
                return True
            if any(words[at : at + most] in runs for at in range(len(words) - most + 1)):
                return True
        return False


def _says(text: str, url: str) -> bool:
    at = text.find(url)
    while at >= 0:
        end = at + len(url)
        if end == len(text) or text[end] in " \t\r\n<>\"'`)]}.,;!?*|" or (text[end] in "/#" and len(text) == end + 1):
            return True
        at = text.find(url, at + 1)
    return False


_WORTHY = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w])(?=[\w-]*\d)[\w-]{6,}(?![\w])|\d[\d ./-]{5,}\d")


@lru_cache(maxsize=256)
def _values(text: str, most: int) -> tuple[frozenset[str], frozenset[tuple[str, ...]]]:
    """Values that are nobody's common words, squeezed, and all runs of `most` words."""
    folded = text[:200_000].casefold()
    values = frozenset("".join(_SEPARATORS.split(m[0])) for m in _WORTHY.finditer(folded))
    words = [w for w in _SEPARATORS.split(folded) if w]
    runs = frozenset(tuple(words[at : at + most]) for at in range(len(words) - most + 1))
    return frozenset(v for v in values if len(v) >= 6), runs


# -- what is wrong with a link ----------------------------------------------------------------------------------------


def _judged(target: Target, options: Options, known: _Known) -> Finding | None:
    url = _plain(target.url)
    if _DANGEROUS.match(url):
        return None if _HARMLESS.match(url) else _finding(target, "scheme")
    if url.startswith(("www.", "//", "\\\\")):
        url = "https:" + url if url[0] in "/\\" else f"https://{url}"
    if not re.match(r"(?:https?|ftp|wss?)://", url, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return _finding(target, "scheme")
    if "@" in parts.netloc:
        return _finding(target, "userinfo")
    if _is_allowed(host, options.allow):
        return None
    if _says_another(target.label, host):
        return _finding(target, "mismatch", 0.9)
    if known.was_given(target.url) or known.was_given(url):
        return _finding(target, "link", 0.5) if options.only_allowed else None
    kind = (
        None
        if known.was_read(target.url)
        else _cargo(parts.netloc, parts.path, parts.query, parts.fragment, options, known)
    )
    if kind is not None:
        return _finding(target, kind, 0.95 if kind == "carries" else 0.8)
    if target.image:
        return _finding(target, "image", 0.9 if parts.query else 0.6)
    return _finding(target, "link", 0.5) if options.only_allowed else None


def _plain(url: str) -> str:
    """As browsers read it: without white space and control characters in it, backslashes as slashes."""
    url = re.sub(r"[\x00-\x20\u200b-\u200f\u2060\ufeff]", "", html.unescape(url))
    head, mark, rest = url.partition("?")
    return (head.replace("\\", "/") if not head.lower().startswith("javascript") else head) + mark + rest


def _finding(target: Target, kind: str, score: float = 1.0) -> Finding:
    return Finding(target.start, target.end, kind, score, target.instead)


def _is_allowed(host: str, allow: Sequence[str]) -> bool:
    return any(host == one or (one.startswith("*.") and (host.endswith(one[1:]) or host == one[2:])) for one in allow)


def _says_another(label: str, host: str) -> bool:
    """Whether what people read names another site than the one that it leads to."""
    told = re.match(
        r"\s*(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?:[/:?#]\S*)?\s*$", label, re.IGNORECASE
    )
    if told is None or not host:
        return False
    said = told[1].lower().removeprefix("www.")
    if re.search(r"\.(?:md|py|js|ts|txt|pdf|png|jpe?g|html?|json|ya?ml|csv|docx?|xlsx?|rs|go|sh|toml|zip)$", said):
        return False  # the name of a file
    led = host.removeprefix("www.")
    return not (led == said or led.endswith("." + said) or said.endswith("." + led))


def _cargo(netloc: str, path: str, query: str, fragment: str, options: Options, known: _Known) -> str | None:
    """What a URL carries, if it does."""
    host = netloc.rpartition(":")[0] or netloc
    labels = host.split(".")[:-2]
    pieces = [*labels, *path.split("/"), *re.split(r"[&;=]", query), fragment]
    said = [unquote(piece.replace("+", " ")) for piece in pieces if piece]
    unpacked = [text for piece in said for text in _decoded(piece)]
    together = unquote(" ".join([*labels, path, query.replace("+", " "), fragment]))
    if any(known.carries(one, options.words) for one in (together, *unpacked)):
        return "carries"
    joined = _decoded("".join(labels)) or _decoded("".join(part for part in path.split("/")))
    if unpacked or joined or any(_is_random(piece) for piece in said):
        return "encoded"
    return "encoded" if len(unquote(query)) + len(fragment) > 300 else None


def _decoded(piece: str) -> list[str]:
    """What a part of a URL decodes to."""
    bare = piece.strip()
    out = [one.text for one in hidden.packed(bare)] if len(bare) >= 16 else []
    if not out and 8 <= len(bare) < 4000 and re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", bare):
        made = bare.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            said = base64.b64decode(made + "=" * (-len(made) % 4)).decode("ascii")
        except (binascii.Error, ValueError):
            return _base32(bare)
        if said.isprintable() and re.search(r"[a-z]{3}|\d{4}|@", said) and not re.fullmatch(r"[a-z]+|\d+", bare):
            out.append(said)
    return out or _base32(bare)


def _base32(bare: str) -> list[str]:
    if len(bare) >= 16 and re.fullmatch(r"[A-Za-z2-7]+=*", bare) and re.search(r"\d", bare):
        made = bare.rstrip("=").upper()
        try:
            said = base64.b32decode(made + "=" * (-len(made) % 8)).decode("ascii")
        except (binascii.Error, ValueError):
            return []
        return [said] if said.isprintable() else []
    return []


_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def _is_random(piece: str) -> bool:
    """A long part in which every character is news, as ciphertext and packed bytes are. Names of ids are shorter."""
    if len(piece) < 24 or _UUID.fullmatch(piece) or re.search(r"[ .,]", piece):
        return False
    words = [w for w in re.split(r"[-_]", piece) if w]
    if len(words) > 2 and all(len(w) < 15 for w in words):
        return False
    counts = Counter(piece)
    entropy = -sum(n / len(piece) * math.log2(n / len(piece)) for n in counts.values())
    mixed = bool(re.search(r"\d", piece)) and bool(re.search(r"[A-Za-z]", piece))
    return entropy >= 3.2 and mixed
