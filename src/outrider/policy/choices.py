"""Which value of a choice the user meant: who turns somebody down wants no stage `hired`.

A value is meant if the user said its words, in another form, or as people say it (`turn down` for `rejected`), where
they did not say that they do not want it; or if it makes least of the call (`viewer`, and `draft` of what is made).
What only describes a thing (its priority, its language) is left to the model.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from outrider.policy.clauses import LEAVES_OUT, Clause
from outrider.policy.declarations import words_of
from outrider.policy.origins import Origin, Traced
from outrider.policy.ways import suits_way
from outrider.policy.words import word_set

_SENSES = tuple(
    tuple(frozenset(way.split()) for way in line.split(","))
    for line in (
        "rejected,reject,decline,refuse,deny,turn down,turning down,turned down,dismiss,rule out,let go,say no,absage,"
        "sag ab,ablehnen,lehn ab,abgelehnt,refuser,refuse,rechaza,rechazar,rifiuta,rifiutare,recuse,afwijzen,wijs af",
        "accepted,accept,agree,say yes,take on,annehmen,nimm an,angenommen,accepte,accepter,acepta,aceptar,accetta",
        "approved,approve,ok,okay,let through,put through,wave through,let in,allow,accept,"
        "sign off,green light,clear,authorise,authorize,freigeben,genehmige,approuve,aprueba",
        "hired,hire,take on,employ,einstellen,embauche,contrata,assumi",
        "withdrawn,withdraw,pull out,back out,zurückgezogen,retire,retira,ritira",
        "cancelled,canceled,cancel,call off,called off,storniert,storniere,annulé,annule,cancelado,cancela,annullato",
        "closed,close,done,complete,finish,resolve,solve,settle,fix,fertig,erledigt,schliess,geschlossen,fermé,ferme,"
        "cerrado,cierra,chiuso,chiudi",
        "done,finished,completed,complete,finish,tick off,check off,erledigt,fertig,fait,terminé,hecho,fatto",
        "resolved,resolve,solve,fix,settle,sort out,close,done,gelöst,behoben,résolu,resuelto,risolto",
        "solved,solve,resolve,fix,settle,sort out,close,done,gelöst,erledigt,schliess,résolu,fermer,resuelto,cierra",
        "completed,complete,done,finish,close,tick off,check off,erledigt,fertig,terminé,hecho,completato",
        "opened,open,reopen,reopened,öffne,ouvre,ouvert,abre,abierto,apri,aperto",
        "deleted,delete,remove,bin,trash,get rid,throw,erase,scrap,kill,take down,zap,lösche,supprime,borra,elimina",
        "hidden,hide,take down,unlist",
        "spam,junk",
        "scheduled,schedule,later,postpone,push back,geplant,programa,planifie",
        "published,publish,post,live,public,online,put up,veröffentliche,publie,publica,pubblica",
        "unpublished,unpublish,take down,take offline,taken down,hidden,hide",
        "active,activate,enable,enabled,on,turn on,switch on,aktiviere,active,activa,attiva",
        "inactive,deactivate,disable,disabled,off,suspend,suspended,block,blocked,lock,locked,turn off,switch off,"
        "deaktiviere,sperr,désactive,desactiva,disattiva",
        "paused,pause,hold,on hold,suspend,stop,freeze,pausiere",
        "archived,archive,archiviere,archiver,archiva",
        "paid,pay,settle,settled,bezahlt,bezahle,payé,pagado,pagato",
        "refunded,refund,reimburse,erstattet,remboursé,reembolsado",
        "sent,send,ship,shipped,dispatch,dispatched,verschickt,envoyé,enviado",
        "delivered,arrive,arrived,come,geliefert,livré,entregado",
        "assigned,assign,give,zugewiesen",
        "confirmed,confirm,bestätigt,bestätige,confirme,confirmé,confirma,conferma",
        "urgent,asap,emergency,immediately,critical,dringend,urgente",
        "sms,text,textnachricht,texto",
        "letter,post,brief,lettre,carta",
        "email,mail,e-mail,courriel,correo,mél",
        "phone,call,ring,telephone,telefon",
        "editor,edit,write,change,writer,bearbeiten,modifier,editar",
        "writer,write,edit,change,schreiben,écrire,escribir",
        "production,prod",
        "staging,stage",
        "development,dev",
        "locked,lock",
        "unlocked,unlock",
        "commenter,comment,kommentieren,commenter",
        "admin,administrator,administer,administrate",
        "approver,approve",
        "morning,early,früh,matin,mañana,mattina",
        "evening,late,spät,soir,tarde,sera",
    )
)
"""What people say for a state: the first word is the state's own, each other way has words that all have to be said."""
_LEAST = word_set(
    "viewer viewers view read reader readers readonly none off no low lowest private internal basic standard normal "
    "default me self owner-only"
)
"""Values that make least of a call."""
_AT_FIRST = word_set("draft new open pending todo planned scheduled proposed created requested tentative unpaid")
"""States in which a thing may begin."""
_DESCRIBES = word_set(
    "priority urgency severity importance category categories type kind class label labels tag tags colour color icon "
    "format language lang locale currency unit units timezone sort order size method delivery salutation tone style "
    "theme layout encoding mode template seating meal frequency source reason"
)
"""Names of arguments that only say how a thing is."""
_STATES = word_set("status state stage step phase decision outcome result verdict role rights permission access")
_TRUE_STATES = word_set(
    "completed complete done closed resolved solved finished archived deleted cancelled canceled paid refunded "
    "approved accepted rejected published unpublished active inactive suspended locked unlocked blocked hidden "
    "paused confirmed withdrawn sent delivered disabled enabled deactivated"
)
"""Arguments that bring a thing into a state by being true."""
_ENDINGS = ("ing", "ied", "ed", "es", "en", "er", "s", "e")
_PARTICLES = frozenset(("on", "off", "up", "down", "in", "out"))
_PHRASAL = re.compile(r"\b(?:tick|check|sign|cross|call|take|put|hand|send|pass|go|come|get|look|work|pick|see)\w*\b")
"""With these a particle is a part of the verb: `tick that off`."""
_MAKES = frozenset(("create", "book", "send", "post"))
_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_LONG = 3


_TELLS = word_set("tell answer reply respond inform let antworte antworten sag réponds dis responde dile contesta")
_OURS = word_set(
    "note notes internal internally private privately intern interne notiz vermerk nota interna colleagues team us "
    "only ourselves staff kollegen uns équipe equipo"
)
_MEDIUM = (["channel"], ["medium"], ["via"], ["way"], ["method"], ["transport"], ["by"])


def by_way(one: Traced, clauses: Sequence[Clause]) -> Traced:
    """The way of a message that an argument says: any will do, unless the user said another. A comment is `public`
    where the user wants somebody answered, and speaks of no note of their own."""
    if one.kind == "choice" and words_of(one.path) == ["public"] and one.value == "true" and _answers(clauses):
        return msgspec.structs.replace(one, origin=Origin.USER)
    if one.kind not in ("other", "choice") or one.origin <= Origin.OPERATOR or words_of(one.path)[-1:] not in _MEDIUM:
        return one
    suits = suits_way(one.value, clauses)
    return one if suits is None else msgspec.structs.replace(one, origin=Origin.USER if suits else Origin.MADE_UP)


def _answers(clauses: Sequence[Clause]) -> bool:
    told = [one.words for one in clauses if not one.verbs.isdisjoint(("send", "post"))]
    return any(not words.isdisjoint(_TELLS) for words in told) and all(words.isdisjoint(_OURS) for words in told)


def meant(one: Traced, verb: str, clauses: Sequence[Clause]) -> Traced:
    """A value of a choice with the origin that it has for a session in which others had a say: the user's, where their
    words speak for it, else nobody's. Of a record that they named it may be taken, but for its state."""
    own = words_of(one.path)
    if one.kind == "choice" and one.origin == Origin.USER and one.value.lower() in _PARTICLES:
        one = msgspec.structs.replace(one, origin=Origin.MADE_UP)  # said for itself, or as a part of a verb?
    if one.kind != "choice" or one.origin <= Origin.OPERATOR or (own and own[-1] in _DESCRIBES):
        return one
    state = own[-1] if one.value == "true" and says_how_it_is(one.path) else one.value
    if picked(state, verb, clauses):
        return msgspec.structs.replace(one, origin=Origin.USER)
    if one.origin <= Origin.DESCRIBED and _STATES.isdisjoint(own):
        return one
    return msgspec.structs.replace(one, kind="other", origin=max(one.origin, Origin.MADE_UP))


def says_how_it_is(name: str) -> bool:
    """Whether an argument that is true brings a thing into a state: `completed`."""
    return not _TRUE_STATES.isdisjoint(words_of(name)[-1:])


def picked(value: str, verb: str, clauses: Sequence[Clause]) -> bool:
    """Whether the user's clauses speak for this value of a choice, in a call of this class of effect."""
    own = [word for word in _WORD.findall(value.lower()) if len(word) > 1]
    if not own or len(value) > 60:
        return False
    if set(own) <= _LEAST or (verb in _MAKES and set(own) <= _AT_FIRST):
        return True
    told = [_without_told(one) for one in clauses if not LEAVES_OUT.search(one.text)]
    if set(own) <= _PARTICLES:
        told = [one for one in told if not _PHRASAL.search(one.text)]
    significant = [word for word in own if len(word) > _LONG] or own
    return any(all(_is_said(word, one) for word in significant) for one in told)


def _without_told(clause: Clause) -> Clause:
    """A clause without what is to be written: `add a note that I am done` closes nothing."""
    asked, that, _ = f" {clause.text}".partition(" that ")
    words = clause.words.intersection(_LETTERS.findall(asked))
    return msgspec.structs.replace(clause, words=words) if that else clause


def _is_said(word: str, clause: Clause) -> bool:
    stem = _stem(word)
    if any(_stem(one) == stem for one in clause.words):
        return True
    said = {_stem(one) for one in clause.words} | clause.words
    return any(way <= said for sense in _senses(word) for way in sense)


@lru_cache(4096)
def _senses(word: str) -> tuple[tuple[frozenset[str], ...], ...]:
    """All ways to say a state: those of the groups that begin with it."""
    stem = _stem(word)
    return tuple(
        tuple(frozenset(_stem(part) for part in way) for way in sense)
        for sense in _SENSES
        if any(_stem(one) == stem for one in sense[0])
    )


@lru_cache(4096)
def _stem(word: str) -> str:
    """Enough of a word to know its forms by: `reject` of `rejected`."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LONG + (ending in ("er", "en", "es")):
            word = word[: -len(ending)] + ("y" if ending == "ied" else "")
            break
    return word[:-1] if len(word) > _LONG and word[-1] == word[-2] else word
