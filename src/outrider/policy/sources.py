"""Where in a user's words something comes from: who or what is named so is not where it goes.

Rules over one clause, folded. What the clause asks for is found in `intent.py`.
"""

import re

_TO = re.compile(
    r"\b(to|an(?!\s(?:sms|e-?mail|invoice|update|answer|apology|offer|invitation|order|appointment|overview|idea)\b)|à|a|"
    r"with|mit|avec|con)\b"
)
_TO_WHOM = re.compile(r"\bto\s+(?!the\b|this\b|that\b|my\b|his\b|her\b|their\b|an?\b|all\b|any\b|\S+'s\b)\S+\s")
_COMES = (["from"], ["of"], ["by"], ["von"], ["de"])
_PASSES_ON = re.compile(
    r"\b(?:copy|copying|forward|forwarding|repost|reposting|cross-?post|relay|move|kopiere?|copie|copia|copiez|reenvía|"
    r"inoltra|kopieer)\b"
)
"""Verbs of what is somewhere already."""
_WITHIN = re.compile(
    r"\b(?:from|in|on|inside|within|out of|aus|von|im|dans|depuis|de|en|da|uit)\s+"
    r"(?:(?:the|our|my|der|dem|den|le|la|el|il|het)\s+)?(?:(?:channel|room|group|kanal|canal|canale)\s+)?[#\"']?$"
)
_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning|(?:references?|reports?|updates?|info|information|notes?|news|feedback|opinion|"
    r"details|question|data) (?:on|of)|über|bezüglich|à propos de|sur|sobre|acerca de|riguardo a)\s+"
    r"(?:(?:the|our|my|dr|mr|ms|mrs)\.?\s+)?$"
)
_SAYS = re.compile(r"\S\s+\S+\s+(?:that|dass|que|qu'|che|dat)\s*(?:(?:the|our|my|dr|mr|ms|mrs)\.?\s+)?$")
_ONWARD = re.compile(r"^[\"']?\s(?:(?:channel|room|group|kanal|canal)\s)?(?:to|into|onto|nach|an|à|vers|al?|naar)\s\S")
_MADE_FROM = re.compile(
    r"\b(?:from|of|out of|based on|using|aus|von|anhand|depuis|de|desde|da)\s+(?:the\s+(?:file\s+)?)?$"
)
_COPIES = re.compile(r"\b(?:copy|duplicate|move|rename|kopiere?|copie|copia|verschiebe?)\s(?:the\s)?(?:file\s)?[\"']?$")
_ONTO = re.compile(r"[\"']?\s(?:over\s)?(?:to|into|as|onto|nach|als|en|vers|in)\s\S")
_INTO = re.compile(r"\b(?:to|into|in|as|under|called|named|nach|unter|dans|sous|en|a)\s+\S*[./]")


def is_source(text: str, value: str) -> bool:
    """`from Eve`, `Eve's mail`: who something comes from is not whom it goes to, where a clause says both; `copy Bob's
    message in general to random`: nor is the place that it stands in; nor who it is about, `a reference on Eve`, or who
    it says something of, `tell Bob that Eve …`."""
    at = text.find(value)
    before, behind = text[:at], text[at + len(value) :]
    if _ABOUT.search(before) or _SAYS.search(before):
        return True
    comes = before.split()[-1:] in _COMES or behind.startswith("'s ")
    if comes and (_TO.search(behind) is not None or _TO_WHOM.search(before) is not None):
        return True
    return all(one is not None for one in (_PASSES_ON.search(before), _WITHIN.search(before), _ONWARD.search(behind)))


def is_made_from(text: str, path: str) -> bool:
    """Whether a path is what something is made from: `a list from notes.txt into todo.txt`."""
    at = text.find(path)
    before, behind = text[:at], text[at + len(path) :]
    if _COPIES.search(before) is not None and _ONTO.match(behind) is not None:
        return True
    return _MADE_FROM.search(before) is not None and (_INTO.search(behind) or _INTO.search(before)) is not None
