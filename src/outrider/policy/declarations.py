"""What a tool returns and does, and which of its arguments steer it. What is not declared is taken to be the worst."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Trust = Literal["trusted", "untrusted"]
Privacy = Literal["public", "private"]
Effect = Literal["none", "internal", "external", "destructive", "money", "credentials"]
Steer = Literal["recipient", "url", "path", "amount", "id", "command", "query", "date", "choice", "other"]


class Declaration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool's labels.

    `trust` and `privacy` are of what it returns; `fields` are single fields of a result that differ in trust, by path
    (`items[].id`): identifiers and times that the system made itself are trusted though the texts beside them are not.
    `does` is its effect. `steers` says what kind each argument is that decides where the effect goes (None: every
    argument does, each of a kind guessed from its name); `carries` are arguments that are content only. An argument
    that is in neither and by its name is a recipient, a URL, a path or a command steers all the same. `leaves`: its
    arguments leave the house although it only reads (a fetched URL, a web search). `echoes`: its result repeats its
    arguments. `searches`: its results are passages. `verb` is what a user would call it.
    """

    trust: Annotated[Trust, Meta(description="Who wrote what it returns: `untrusted` is others.")] = "untrusted"
    privacy: Annotated[Privacy, Meta(description="Whether what it returns may be known to everybody.")] = "private"
    does: Annotated[Effect, Meta(description="Its effect; `none`: it only reads.")] = "external"
    steers: Annotated[
        Mapping[str, Steer] | None,
        Meta(description="Arguments that decide where the effect goes, by kind; null: all, by their names."),
    ] = None
    carries: Annotated[tuple[str, ...], Meta(description="Arguments that are content only.")] = ()
    fields: Annotated[
        Mapping[str, Trust], Meta(description="Fields of the result that differ in trust, by path: `items[].id`.")
    ] = {}
    leaves: Annotated[
        bool, Meta(description="Its arguments leave the house though it only reads: a fetched URL, a web search.")
    ] = False
    echoes: Annotated[bool, Meta(description="Its result repeats its arguments.")] = False
    searches: Annotated[
        str,
        Meta(description="It finds passages: in this collection of knowledge here, or `elsewhere`."),
    ] = ""
    verb: Annotated[
        str,
        Meta(description="What a user would call it, in one word (pay, cancel, invite, …); by its name if not given."),
    ] = ""
    idempotent: Annotated[bool, Meta(description="Doing it twice is doing it once.")] = False

    def kind(self, argument: str) -> Steer | None:
        """What kind of steering argument this is; None: it is content and steers nothing."""
        if self.steers is None or argument in (*self.steers, *self.carries) or self.does == "none":
            return self.said(argument)
        if words_of(argument)[-1:] in _STANDS:
            return "choice"
        guessed = guess_kind(argument)
        return guessed if guessed in _FAR or (guessed == "amount" and self.does == "money") else None

    def said(self, argument: str) -> Steer | None:
        """The same by what the labels say alone, without a guess about what they leave out."""
        if argument in self.carries:
            return None
        return guess_kind(argument) if self.steers is None else self.steers.get(argument)


UNDECLARED = Declaration()
_FAR: frozenset[Steer] = frozenset(("recipient", "url", "path", "command"))
"""Kinds that say by themselves where an effect goes."""
_STANDS = (["currency"], ["status"], ["state"], ["stage"], ["role"], ["permission"], ["visibility"])
"""Names of arguments that say how something stands when it is done."""

_KINDS: tuple[tuple[Steer, re.Pattern[str]], ...] = (
    ("url", re.compile(r"ur[il]|link|href|webhook|endpoint|domain|host|site|website")),
    ("amount", re.compile(r"amount|price|sum|total|quantity|qty|value|cost|fee|limit|balance|number_of")),
    ("path", re.compile(r"path|file|filename|folder|directory|dir|attachment|attachments|repo|branch|bucket|key")),
    ("date", re.compile(r"date|time|start|end|when|day|month|year|due|deadline|until|since|at|from_time")),
    (
        "recipient",
        re.compile(
            r"recipient|recipients|to|cc|bcc|email|emails|mail|address|addressee|user|username|contact|attendee|"
            r"attendees|participant|participants|member|members|channel|channels|phone|iban|payee|beneficiary|account|"
            r"guest|guests|invitee|behalf|sender|impersonate|principal|delegate|assignee|owner|forward|notify|"
            r"person|people|customer|group|team|receiver|destination|"
            r"collaborator|reviewer|follower|watcher|subscriber"
        ),
    ),
    ("command", re.compile(r"command|cmd|code|script|sql|shell|program|expression")),
    ("query", re.compile(r"query|search|term|terms|keyword|keywords|filter|q")),
    ("id", re.compile(r"id|ids|uuid|ref|reference|hotel|restaurant|event|order|ticket|issue|record|transaction")),
)
_IN_A_TEXT = (
    ["index"], ["offset"], ["line"], ["row"], ["column"], ["col"], ["cell"], ["char"], ["position"], ["cursor"],
    ["page"], ["byte"], ["token"],
)  # fmt: skip
"""Where something starts or ends, and is no time: `start_index`, `end_row`."""
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words_of(name: str) -> list[str]:
    """The words of an identifier (`sendMoney`, `send_money`, `send-money`), in lower case."""
    return [part.lower() for part in _PARTS.findall(name)]


def guess_kind(argument: str) -> Steer:
    """The kind of an argument by its name. `other` steers, too: only a declaration can say that it does not."""
    words = words_of(argument)
    if words and words[-1] in ("id", "ids", "uuid"):
        return "id"
    for kind, pattern in _KINDS:
        if kind == "date" and words[-1:] in _IN_A_TEXT:
            continue
        if any(pattern.fullmatch(word) or (kind in _FAR and _is_several(word, pattern)) for word in words):
            return kind
    return "other"


def _is_several(word: str, pattern: re.Pattern[str]) -> bool:
    """`urls`, `paths`, `addresses`: several of what a pattern knows."""
    return word.endswith("s") and any(pattern.fullmatch(word.removesuffix(one)) for one in ("s", "es"))


def declared(fields: Mapping[str, Any], name: str) -> Declaration:
    """A declaration from its JSON form. Raises ValueError that names the field."""
    try:
        return msgspec.convert(dict(fields), Declaration)
    except msgspec.ValidationError as error:
        raise ValueError(f"the labels of the tool {name!r}: {error}") from None
