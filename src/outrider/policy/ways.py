"""By which way a message goes: who asks for a letter wants no SMS, though both reach the same person.

A tool has the ways of its name and of the first sentence of its description; the user has those that the words say,
clause by clause. Who only says `tell` or `let know` leaves the way open; who says `write` means something that is
written at leisure. A tool or a clause without a way suits all.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from outrider.policy.clauses import Clause
from outrider.policy.declarations import words_of
from outrider.policy.forms import classes_of, is_by_text
from outrider.policy.words import PERSONAL, word_set

WAYS: dict[str, frozenset[str]] = {
    "mail": word_set(
        "mail mails mailing mailed email emails emailing emailed e-mail e-mails maile mailen courriel courriels mél "
        "correo correos e-mailt gemaild メール"
    ),
    "letter": word_set("letter letters brief briefe briefen lettre lettres carta cartas lettera lettere brieven"),
    "sms": word_set("sms smses texting texted textnachricht textnachrichten texto textos smsje smsjes"),
    "chat": word_set(
        "chat chats dm dms slack app appje signal teams whatsapp telegram messenger kanal canal canale kanaal channel "
        "channels"
    ),
    "call": word_set("telefonisch anruf anrufe appel llamada telefonata telefoontje"),
    "page": word_set("pager paging"),
    "fax": word_set("fax faxes faxing faxed faxe faxen"),
    "comment": word_set(
        "comment comments commenting kommentar kommentare kommentiere kommentieren commentaire commentaires comentario "
        "comentarios commento commenti opmerking"
    ),
    "post": word_set("tweet tweets publish publishes announcement announcements publica publique veröffentliche"),
}
"""Ways of messages, with the words that users and tools have for them."""
_BY_NAME = word_set("mail email e-mail letter sms whatsapp telegram messenger signal fax")
"""What an argument calls a way: a channel may be called `chat` or `announcements`, too."""
_OF_TOOLS = {"direct": "chat", "text": "sms", "page": "page", "call": "call", "dm": "chat", "review": "review",
             "reviews": "review"}  # fmt: skip
"""Words that mean a way in a tool's name, and something else in a sentence."""
_PHONE = word_set("phone telephone telefon téléphone teléfono telefono telefoon")
"""These mean a way only behind `by`."""
_HASTY = frozenset(("sms", "call", "page", "fax"))
"""What nobody means who says `write`."""
_WRITES = word_set(
    "write writes writing schreib schreibe schreiben écris écrire écrivez escribe escribir scrivi scrivere escreva "
    "escrever schrijf schrijven"
)
_PASSES = re.compile(r"\b(?:forward|fwd|copy|pass on|weiterleit\w*|leite|transf[éeè]re\w*|reenv[íi]a\w*|inoltra)\b")
"""With these a letter is what goes on, and not how."""
_PAGES = re.compile(r"^(?:(?:please|also|then|just|to|you|and)\s)*page\s")
_BY = re.compile(r"\b(?:by|via|per|par|por|through|als|as an?|in an?|over)\s+([^\W\d_][\w-]*)")
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_CHANNEL = re.compile(r"(?<!\w)#[^\W\d_]")
_MESSAGES = frozenset(("send", "post"))


def goes_so(verb: str, tool: str, description: str, clauses: Sequence[Clause]) -> bool:
    """Whether the way of a tool is one by which the user's clauses want something told; True for other effects."""
    ways = _of_tool(tool, description) if verb in _MESSAGES else frozenset()
    if not ways:
        return True
    before: frozenset[str] = frozenset()
    any_asks = False
    for clause in clauses:
        if not clause.verbs & _MESSAGES:
            continue
        said = _said(clause.text)
        if not said and not _asks_itself(clause.words):
            continue
        any_asks = True
        if not said and not clause.standing.isdisjoint(PERSONAL):
            said = before
        if ways & said or (not said and not (ways <= _HASTY and not clause.words.isdisjoint(_WRITES))):
            return True
        before = said or before
    return not any_asks


def suits_way(value: str, clauses: Sequence[Clause]) -> bool | None:
    """Whether a way that an argument names (`whatsapp`) is one that the user's clauses leave open; None: it is none."""
    ways = _ways([value.lower()]) if value.lower() in _BY_NAME else frozenset()
    if not ways:
        return None
    said = [way for clause in clauses if clause.verbs & _MESSAGES and (way := _said(clause.text))]
    return not said or any(ways & one for one in said)


def _asks_itself(words: frozenset[str]) -> bool:
    """Whether a clause has a word of its own for it, and does not only go on with what the one before asks for."""
    return any(classes_of(word) & _MESSAGES for word in words) or "know" in words


@lru_cache(4096)
def _of_tool(tool: str, description: str) -> frozenset[str]:
    own = words_of(tool)
    found = _ways(own) | {_OF_TOOLS[word] for word in own if word in _OF_TOOLS}
    return frozenset(found | _ways(_WORD.findall(description.lower().partition(".")[0])))


@lru_cache(4096)
def _said(text: str) -> frozenset[str]:
    """The ways that a clause names: those behind `by` alone, where there are any."""
    words = _BY.findall(text)
    if by := _ways(words) | ({"call"} if not _PHONE.isdisjoint(words) else set()):
        return by
    if is_by_text(text):
        return frozenset(("sms",))
    if _PASSES.search(text):
        return frozenset()
    found = _ways(_WORD.findall(text)) | (frozenset(("page",)) if _PAGES.match(text) else frozenset())
    return found | (frozenset(("chat",)) if _CHANNEL.search(text) else frozenset())


def _ways(words: Sequence[str]) -> frozenset[str]:
    return frozenset(way for way, known in WAYS.items() if not known.isdisjoint(words))
