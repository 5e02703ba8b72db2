"""HTML: the main text of a page with its headings, lists, tables and code. trafilatura finds the main part; what it
does not know how to judge (short pages, huge ones, mail) is walked whole."""

import logging
import re
from typing import Any
from urllib.parse import urljoin

from outrider.base.errors import Unreadable
from outrider.knowledge.parse.draft import LONGEST, Draft, line
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.parse.markup import Tree, text_of, walk
from outrider.knowledge.records import Fetched, Parsed

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
JUDGED, ELEMENTS = 2_000_000, 30_000
"""Characters and elements of a page up to which its main part is looked for; a longer one is taken whole."""
LONGEST_PAGE = 30_000_000
HIDDEN = "hidden_text"
_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?:\.0*)?\s*(?:;|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}"
)
_WHITE = r"(?:#fff(?:fff)?\b|white\b|rgba?\(\s*255\s*,\s*255\s*,\s*255[^)]*\)|transparent\b)"
_WHITE_ON_WHITE = re.compile(rf"(?:^|;)\s*color\s*:\s*{_WHITE}")
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:\s*(?!" + _WHITE + r"|none|inherit)")
_SKIPPED = [
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "iframe",
    "object",
    "canvas",
    "head",
    "select",
    "textarea",
]
_AROUND = ["nav", "footer", "aside", "form", "button", "dialog"]


def parse(fetched: Fetched) -> Parsed:
    tree, language = load(fetched.body, fetched.media)
    hidden = _take_hidden(tree)
    page = _main(tree, fetched.source)
    draft = Draft()
    walk(draft, page.body, _absolute(fetched.source))
    whole = _whole(tree, fetched.source)
    if _is_poor(draft, whole):
        draft = whole
    meta: dict[str, Any] = {**page.meta, **({HIDDEN: hidden[:5_000]} if hidden else {})}
    title = page.title or text_of(tree.find(".//title")) or text_of(tree.find(".//h1"))
    parsed = draft.parsed(title=title, media="text/html", meta=meta)
    parsed.language = language
    return parsed


def _is_poor(found: Draft, whole: Draft) -> bool:
    """Whether the main part is next to nothing, or all of the page without its structure."""
    had, there = _length(found), _length(whole)
    return (had < 200 and there > 2 * had) or (len(found.blocks) < 2 <= len(whole.blocks) and there < 1.5 * had)


def load(body: bytes, media: str = "") -> tuple[Tree, str]:
    """The page's tree and the language that it names."""
    import lxml.html

    declared = _CHARSET.search(body[:4096])
    named = media.partition("charset=")[2].strip("\"' ;") or (declared[1].decode() if declared else "")
    text = _XML.sub("", decode(body, named))
    if len(text) > LONGEST_PAGE:
        raise Unreadable(f"The page has {len(text):,} characters; at most {LONGEST_PAGE:,} are read. Divide it.")
    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError) as fault:
        raise Unreadable(f"There is no page in it: {line(str(fault))[:100]}.") from None
    language = (tree.get("lang") or tree.get("xml:lang") or "").strip().lower()[:2]
    return tree, language if language.isalpha() else ""


def plain(body: bytes, media: str = "") -> Draft:
    """All the text that a page shows, without a search for its main part (for mail)."""
    tree, _ = load(body, media)
    _take_hidden(tree)
    return _whole(tree, "", frame=True)


class _Page:
    def __init__(self, body: Tree, title: str = "", meta: dict[str, Any] | None = None) -> None:
        self.body, self.title, self.meta = body, title, meta or {}


def _main(tree: Tree, source: str) -> _Page:
    """What trafilatura takes for the page's own text, and what the page says of itself."""
    import copy

    import lxml.html
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    nothing = _Page(lxml.html.Element("body"))
    if sum(map(len, tree.itertext())) > JUDGED or sum(1 for _ in tree.iter()) > ELEMENTS:
        return nothing
    url = source if source.startswith(("http://", "https://")) else None
    try:
        found: Any = trafilatura.bare_extraction(
            copy.deepcopy(tree), url=url, include_comments=False, include_links=True, include_formatting=True,
            with_metadata=True,
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return nothing
    if found is None or found.body is None:
        return nothing
    said = {name: getattr(found, name, None) for name in ("author", "date", "sitename", "description")}
    return _Page(found.body, found.title or "", {name: line(str(v))[:1_000] for name, v in said.items() if v})


def _whole(tree: Tree, source: str, frame: bool = False) -> Draft:
    import copy

    tree = copy.deepcopy(tree)
    body = tree.find(".//body")
    body = tree if body is None else body
    for element in list(body.iter(*_SKIPPED, *(() if frame else _AROUND))):
        if element is not body and element.getparent() is not None:
            element.drop_tree()
    draft = Draft()
    walk(draft, body, _absolute(source))
    return draft


def _take_hidden(tree: Tree) -> str:
    """Takes out what no reader of the page sees, unless it is most of the page (scripts will show it then)."""
    found = [e for e in tree.iter() if isinstance(e.tag, str) and e.tag not in _SKIPPED and _is_hidden(e)]
    texts = [text_of(e) for e in found]
    if not any(texts) or sum(map(len, texts)) > min(LONGEST, len(text_of(tree))) // 2:
        return ""
    for element in found:
        if element.getparent() is not None and element.tag not in ("html", "body"):
            element.drop_tree()
    return "\n".join(text for text in texts if text)


def _is_hidden(element: Tree) -> bool:
    if "hidden" in element.attrib and element.get("hidden") != "until-found":
        return True
    style = element.get("style", "").lower()
    if not style:
        return False
    return bool(_HIDES.search(style) or (_WHITE_ON_WHITE.search(style) and not _BACKGROUND.search(style)))


def _length(draft: Draft) -> int:
    return sum(block.end - block.start for block in draft.blocks)


def _absolute(source: str) -> Any:
    def absolute(link: str) -> str:
        try:
            return urljoin(source, link) if source.startswith("http") else link
        except ValueError:
            return ""

    return absolute
