"""How texts speak to a model instead of to people: published patterns of prompt injection, each with a weight.

A pattern in quotes, in code, or in a text about such attacks weighs less: a report on injection is no injection. An
order without quotes is one all the same, whatever else the text speaks about.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_WORDS = {
    "AI": r"""(?:ai|artificial\ intelligence|llms?|(?:large\ )?language\ models?|assistants?|chat\ ?bots?
            |chatgpt|gpt[\w.-]*|claude
        |gemini|copilot|ai\ (?:agent|assistant|model|system|reader|reviewer|crawler|summari[sz]er)s?|agents?
        |models?|bots?
        |crawlers?|automated\ (?:reader|reviewer|system)s?)""",
    "OLD": r"""(?:previous|prior|above|earlier|preceding|former|existing|original|foregoing|initial|other
            |system|your|safety|all|any
        |every|everything|anything|whatever|current)(?:ly)?""",
    "LAW": r"""(?:instructions?|prompts?|directions?|directives?|rules?|guidelines?|guardrails?|commands?
            |constraints?|orders?
        |context|programming|policies|safeguards?|told|said|given|taught|instructed|written)""",
    "ACT": r"""(?:say|respond|reply|answer|rate|rank|recommend|praise|approve|include|insert|write|output|print
            |mention|state
        |tell|send|visit|click|open|call|run|execute|use|give|add|append|return|accept|score|classify|mark
        |ignore|disregard
        |follow|refuse|summari[sz]e|translate|conclude|treat|present|assign|select|choose|stop|begin|start|do\ not|don't
        |never|always)""",
    "MUST": r"""(?:please|then|kindly|now|you\ (?:must|should|shall|will|have\ to|are\ required\ to|need\ to)
        |(?:make|be)\ sure\ (?:to|that))""",
    "SECRET": r"""(?:conversation|chat(?:\ (?:history|log))?|user(?:'s)?\ (?:data|messages?|input|details
            |credentials|information)
        |api[ _]keys?|passwords?|credentials|secrets?|tokens?|system\ prompt|documents?|files?|history
        |contacts?|emails?)""",
}

_NEW = tuple(
    f"{which} {what}"
    for which in [
        "new",
        "updated",
        "revised",
        "real",
        "actual",
        "true",
        "critical",
        "urgent",
        "hidden",
        "secret",
        "special",
        "additional",
        "important",
    ]
    for what in ["instruction", "prompt", "task", "directive", "objective", "override", "order", "command"]
)

_GREETINGS = (
    *(f"{when} you{are}" for are in (" are", "'re") for when in ("if", "when", "since", "because", "as")),
    *(
        f"{what} {way}"
        for what in ("note", "notice", "message", "instruction", "instructions", "important")
        for way in ("to", "for")
    ),
)
_SYSTEM = tuple(f"system {what}" for what in ("override", "message", "notice", "alert", "prompt"))
_MODES = tuple(
    f"{which} mode"
    for which in [
        "developer",
        "debug",
        "god",
        "dan",
        "jailbreak",
        "unrestricted",
        "admin",
        "administrator",
        "sudo",
    ]
)

_SOURCES: tuple[tuple[str, float, tuple[str, ...], str], ...] = (
    (
        "tells it to drop its instructions",
        1.0,
        ("ignore", "disregard", "forget", "overrid", "overwrite", "bypass", "discard", "neglect", "abandon"),
        r"""\b(?:ignor|disregard|forget|overrid|overwrit|bypass|discard|neglect|abandon)(?:e|ing|ting)?\s+
            (?:(?:about|of|the|these|those|this|that|and|or|my|you|you've|been|were|are|have|what|{OLD})\s+){{0,7}}?
            {OLD}\s+(?:(?:of|the|these|those|your|my|and|that|you|you've|were|been|have|was|{OLD})\s+){{0,5}}{LAW}\b""",
    ),
    (
        "tells it to drop its instructions",
        1.0,
        ("ignor", "oubli", "olvid", "verg", "dimentic", "esque", "игнор", "забуд", "忽", "无视", "忘", "無視"),
        r"""\b(?:ignorier\w*|vergiss|vergessen\ sie|missachte\w*)\s+(?:\w+\s+){{0,4}}(?:anweisung|anordnung
            |instruktion|regel|vorgabe)\w*
          |\b(?:ignor(?:a|ez|er|ate|e\ (?:toutes|les|tes|todas|las|as|le|tutte))|oubli(?:e|ez|er)|olvid\w+
          |dimentica\w*|esque[cç]\w+)\s+
            (?:\w+\s+){{0,4}}(?:instrucciones|instructions|instruções|istruzioni|consignes|órdenes|indicazioni
            |reglas|regras)
          |(?:игнорируй\w*|забудь\w*)\s+(?:\w+\s+){{0,3}}(?:инструкци|указани)\w+
          |(?:忽略|无视|忘记|忽視|無視).{{0,8}}(?:指令|指示|说明|提示)|(?:以前|上記|これまで|前)の(?:指示|命令|プロンプト).{{0,6}}(?:無視|忘れ)""",
    ),
    (
        "addresses an AI that reads it",
        0.9,
        (*_GREETINGS, "attention", "dear ", "hey", "hello", "for any ", "for all ", "for every "),
        r"""(?:\b(?:if|when|since|because|as)\s+you(?:'re|\ are)|(?:^|[\n.!>*\#"(\[:-])\s*(?:attention|dear|hey|hello|hi
            |(?:important\ |special\ |a\ )?(?:note|notice|message|instructions?|important)\ (?:to|for)
            |for(?=\ (?:any|all|every)\b)))
            [\s:,]+(?:(?:an?|the|any|all|every|our|this|which|reading|other|being|autonomous|helpful)\s+){{0,3}}{AI}\b
            [^.!?\n:,;]{{0,60}}(?:[,:;.!—-]+\s*|\s+(?={MUST}))(?:{MUST}\s+)*(?:{ACT}\b|(?<=you\ must\ )\w+)""",
    ),
    (
        "gives it another role",
        0.8,
        ("from now on", "henceforth", "you are now", "you are no longer", "you will be now", *_MODES, "pretend"),
        r"""\byou\ (?:are|will\ be)\ (?:now|no\ longer)\s+(?:an?|the|in|bound|under|my|called|named|dan|free
            |restricted|required)\b
          |\b(?:from\ now\ on|henceforth),?\ you(?:'ll|'re)?\s*(?:will|must|are|should|shall|may|only|answer
          |respond|act|speak)\b
          |\b(?:developer|debug|god|dan|jailbreak|unrestricted|admin(?:istrator)?|sudo)\ mode\ (?:is\ 
          |has\ been\ |now\ )*(?:enabled
            |activated|on\b|engaged)|\b(?:enter|enable|activate|switch\ (?:in)?to)\ (?:developer|god|dan
            |jailbreak|unrestricted)\ mode
          |\bpretend\ (?:to\ be|that\ you\ are|you\ are)\ (?:an?\ )?(?:unrestricted|evil|uncensored|different
          |another|dan)\b""",
    ),
    (
        "gives it new instructions",
        0.7,
        ("end of ", "admin override", *_SYSTEM, "before you ", "to you, ", *_NEW),
        r"""(?:^|[\n.!>*\#\[(-])\s*(?:(?:new|updated|revised|real|actual|true|critical|urgent|hidden|secret
            |special|additional)\s+)+
            (?:(?:important|system|admin)\s+)*(?:instruction|prompt|task|directive|objective|override|order
            |command)s?\s*
            (?:\([^)]{{0,40}}\)|(?:for|to)\ [^:\n]{{0,40}})?\s*[:—]\s*\S
          |(?:^|\n)\s*\W{{0,6}}(?:system\ (?:override|message|notice|alert)|admin\ override
            |end\ of\ (?:document|context|user\ input|prompt|system\ prompt|instructions?))\b\W{{1,6}}
          |\bbefore\ you\ (?:can\ )?(?:solve|answer|complete|continue|do|finish
          |summari[sz]e)\ (?:with\ )?(?:the|this|any|that|my)\ [^.\n]{{0,80}}
            (?:please|you\ must|do\ the\ following)|\bmessage\ (?:from\ [^.\n]{{1,60}}\ )?to\ you,\ {AI}\b""",
    ),
    (
        "imitates the marks of a conversation",
        0.9,
        (
            "<|",
            "[inst",
            "[/inst",
            "<<sys",
            "<system",
            "</system",
            "<assistant",
            "</assistant",
            "# system",
            "# instruction",
        ),
        r"""<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>|\[/?INST\]|<</?SYS>>
          |</?(?:system|assistant)(?:[_-](?:prompt|message|instructions?))?>|(?:^|\n)\s*\#{{2,3}}\s*(?:system
          |instruction)s?\s*:\s*\S""",
    ),
    (
        "wants its instructions told",
        0.8,
        ("system prompt", "system message", "initial prompt", "instructions", "your prompt", "original prompt"),
        r"""\b(?:reveal|print|output|repeat|display|leak|disclose|recite|tell\ (?:me|us)|write\ out|return|dump
            |expose|show\ (?:me|us))\s+
            (?:(?:me|us|back|out|all|of|the|full|entire|exact|complete|verbatim|above|contents?|text|to|exactly
            |word|for|in)\s+){{0,6}}
            (?:(?:your|its)\s+(?:\w+\s+){{0,2}}(?:system\ prompt|prompt|instructions)|(?:the\s+)?(?:hidden
            |initial|original|system)\s+
            (?:system\s+)?(?:instructions|prompt|message))""",
    ),
    (
        "wants something sent away",
        0.9,
        ("http", "@"),
        r"""\b(?:send|forward|upload|exfiltrate|transmit|e-?mail
            |leak)\s+(?:[^\s.]+\s+){{0,8}}?{SECRET}\b(?:\s+[^\s.]+){{0,8}}?\s+
            (?:to|via|at|into)\s+(?:[^\s.]+\s+){{0,4}}?(?:https?://|\S+@\S+\.\w)
          |!\[[^\]]*\]\(https?://[^)\s]*[?&=/][^)\s]*(?:\{{|%7b)[^)]*\)""",
    ),
    (
        "wants something kept from the user",
        0.8,
        (" user", " human", " reader", " anyone"),
        r"""\b(?:do\ not|don't|never|must\ not|without)\s+(?:ever\s+)?(?:tell|mention|inform|reveal|alert
            |notify|disclose|warn)(?:ing)?\s+
            (?:(?:this|it|that|these|any|anything|to|of|about|instructions?|the\ fact
            |message)\s+){{0,5}}(?:the\s+|your\s+)?
            (?:user|human|reader|anyone)\b""",
    ),
    (
        "wants tools or commands run",
        0.7,
        ("silently", "immediately", "secretly", "rm -rf", "curl "),
        r"""\b(?:immediately|silently|secretly)\s+(?:call|invoke|run|execute|trigger
            |use)\s+(?:[\w.]+\s+){{0,4}}(?:tool|function|plugin
            |command|script)s?\b|\b(?:rm\ -rf\ [/~]|curl\s+[^|\n]{{1,200}}\|\s*(?:sudo\s+)?(?:ba)?sh\b)""",
    ),
)
PATTERNS: tuple[tuple[str, float, tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (
        what,
        weight,
        near,
        re.compile(pattern.format(**_WORDS), re.IGNORECASE | re.VERBOSE),
    )
    for what, weight, near, pattern in _SOURCES
)
"""What it does, its weight, small letters of which some stand in every text that fits, and the pattern."""
_ABOUT = re.compile(
    r"inject|attack|jailbreak|malicious|adversar|red[- ]?team|vulnerab|guard ?rail|exploit|security|hijack|manipulat"
    r"|(?<![.\w])examples?\b|e\.g\.|such as"
    r"|for instance|phrases like|\bprompts? (?:like|include|contain|engineering|template)|system prompt|the prompt"
    r"|instruct(?:s|ed|ing)|tested|"
    r"detect|users? (?:may|might|could|can|try|tried|asked|said)|told (?:it|the model)|might (?:say|ask|write)",
    re.IGNORECASE,
)
_QUOTES = "\"'`“”„«»‘’"
_DISGUISED = re.compile("[\u2100-\u214f\u2460-\u24ff\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u180e\u202a-\u202e\u2066-\u2069]")
_PLACE = re.compile(r"\S*(?:://|@)\S*")
"""An address, which says nothing of what the text speaks about (`evil@example.com`)."""
_ORDER = re.compile(
    r"(?:^|[.!?>*#-]\s|\n|\b(?:please|kindly|now|and|then|reasons?|important|urgent|attention|note|system)[,:]?\s)\W*\Z",
    re.IGNORECASE,
)
"""What stands before an order: a sentence that begins, and not one that tells of it."""
QUOTED, ABOUT, ORDERED = 0.35, 0.45, 0.7
NEAR = 220
"""Characters around a pattern in which the text may say that it speaks about attacks."""


class Address(NamedTuple):
    """A place where a text speaks to a model: what it does, its words, and a weight from 0 to 1."""

    what: str
    words: str
    weight: float


def addresses(text: str) -> Iterator[Address]:
    """All such places, as the text stands after what nobody sees is taken out of it."""
    plain = _plain(text)
    small = plain.lower()
    for what, weight, near, pattern in PATTERNS:
        if any(word in small for word in near):
            for match in itertools.islice(pattern.finditer(plain), 50):
                words = " ".join(match[0].split())[:120]
                yield Address(what, words, weight * _seriousness(plain, match.start(), match.end()))


def _plain(text: str) -> str:
    """Letters in disguise (full width, mathematical, with a ring) as themselves, and nothing invisible."""
    if text.isascii():
        return text
    if _DISGUISED.search(text):
        text = unicodedata.normalize("NFKC", text)
    return _INVISIBLE.sub("", text) if _INVISIBLE.search(text) else text


def _seriousness(text: str, start: int, end: int) -> float:
    before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
    quoted = QUOTED if _is_quoted(text, start, end) else 1.0
    if not _ABOUT.search(_PLACE.sub(" ", f"{before} {after}")):
        return quoted
    return quoted * (ORDERED if _ORDER.search(before) else ABOUT)


def _is_quoted(text: str, start: int, end: int) -> bool:
    """Whether it stands in quotation marks (of one line) or in code."""
    line_start = text.rfind("\n", 0, start) + 1
    before, after = text[line_start:start], text[end : end + 400].split("\n", 1)[0]
    opened = max((before.rfind(q) for q in '"“„«`'), default=-1)
    single = re.search(r"(?:^|[\s(])['‘][^'’\n]*$", before)
    closed = any(q in after for q in _QUOTES) or text[end - 1 : end] in _QUOTES
    straight = (
        before.count('"') % 2 == 1
        or before.count("`") % 2 == 1
        or before.rfind("“") > before.rfind("”")
        or bool(single)
    )
    return (opened >= 0 or bool(single)) and closed and straight


def strength(found: list[Address]) -> float:
    """Of all places together, from 0 to 1: the gravest counts whole, each further kind a fifth."""
    by_kind: dict[str, float] = {}
    for address in found:
        by_kind[address.what] = max(by_kind.get(address.what, 0.0), address.weight)
    ranked = sorted(by_kind.values(), reverse=True)
    return min(1.0, sum(ranked[:1]) + 0.2 * sum(ranked[1:]))
