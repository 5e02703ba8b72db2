"""What kind of record an effect is about: who has a trip called off wants no letter deleted whose subject is `Trip`.

A tool's kinds are the nouns of its name and of the arguments that a call gives; the user's are the nouns beside the
verb, or before it where the verb has an `it`. Words of one kind are in `KINDS`; a noun that another tool of the session
has in its name is a kind, too.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from outrider.policy.clauses import Clause
from outrider.policy.declarations import words_of
from outrider.policy.forms import classes_of
from outrider.policy.words import NOUNS, READS, THINGS, word_set

KINDS: dict[str, frozenset[str]] = {
    "letter": word_set(
        "mail mails email emails e-mail e-mails letter letters message messages newsletter newsletters inbox reply "
        "brief briefe nachricht nachrichten lettre lettres courriel courriels carta cartas correo correos mensaje "
        "mensajes lettera lettere messaggio messaggi mensagem mensagens bericht berichten brieven draft drafts "
        "spam post sms"
    ),
    "file": word_set(
        "file files document documents doc docs note notes folder folders pdf spreadsheet draft drafts "
        "attachment page "
        "pages photo photos datei dateien dokument dokumente notiz notizen ordner fichier fichiers dossier archivo "
        "archivos documento documentos carpeta nota cartella bestand bestanden memo report reports "
        "paper papers deck decks slides presentation brochure leaflet flyer handbook guide template"
    ),
    "signature": word_set(
        "signature signatures sign signed signing unterschrift unterschriften unterschreiben firma assinatura "
        "handtekening"
    ),
    "booked": word_set(
        "event events appointment appointments meeting meetings calendar booking bookings reservation "
        "reservations trip "
        "trips flight flights hotel hotels room rooms table tables seat seats ticket tickets visit visits slot slots "
        "lesson lessons lunch dinner call session sessions termin termine besprechung sitzung kalender buchung "
        "reservierung reise flug zimmer ausflug rendez-vous réunion réservation voyage vol chambre "
        "sortie cita reunión "
        "evento reserva viaje vuelo appuntamento riunione prenotazione viaggio volo afspraak vergadering "
        "boeking reis reunião consulta viagem voo quarto mesa "
        "vlucht excursion shift shifts rental stay"
    ),
    "order": word_set(
        "order orders purchase purchases delivery deliveries shipment shipments parcel subscription subscriptions "
        "bestellung bestellungen lieferung abo commande livraison abonnement pedido entrega suscripción ordine "
        "consegna abbonamento encomenda entrega assinatura bestelling levering"
    ),
    "payment": word_set(
        "payment payments transfer transfers invoice invoices bill bills transaction transactions rent "
        "fee fees deposit deposits refund refunds charge charges donation donations salary order "
        "orders budget debit subscription limit rechnung rechnungen zahlung überweisung dauerauftrag miete facture "
        "paiement virement loyer factura pago transferencia alquiler fattura pagamento bonifico affitto "
        "factuur betaling fatura pagamento transferência aluguel"
    ),
    "run": word_set(
        "run runs pick-up pick-ups pickup pickups collection collections delivery deliveries tour tours route routes"
    ),
    "rota": word_set(
        "rota rotas roster rosters shift shifts schedule dienstplan schicht schichten planning turno turnos rooster "
        "dienst"
    ),
    "story": word_set(
        "article articles story stories piece pieces report reports draft drafts post posts column columns headline "
        "copy text correction artikel artículo articolo artigo"
    ),
    "picture": word_set("photo photos picture pictures image images pic pics shot shots foto fotos bild bilder imagen"),
    "voucher": word_set("voucher vouchers coupon coupons gift credit gutschein bon vale buono"),
    "ticket": word_set(
        "job jobs repair repairs maintenance housekeeping work "
        "ticket tickets issue issues case cases incident incidents alert alerts bug bugs task tasks todo "
        "todos request "
        "requests pull aufgabe aufgaben vorfall tâche tarea incidencia compito taak"
    ),
    "contact": word_set(
        "contact contacts phone number telephone mobile address email mail profile details kontakt "
        "telefonnummer nummer "
        "adresse téléphone numéro teléfono número dirección telefono numero indirizzo telefoon adres customer client "
        "supplier"
    ),
    "account": word_set(
        "account accounts user users login member members access role roles permission permissions "
        "password key secret "
        "secrets token konto benutzer zugang mitglied compte utilisateur accès cuenta usuario acceso conto utente "
        "accesso toegang gebruiker"
    ),
    "customer": word_set("customer customers client clients account accounts kunde kunden konto cliente clientes"),
    "product": word_set(
        "product products item items stock price prices sku article articles produkt preis prix precio"
    ),
    "class": word_set(
        "class classes course courses group groups team teams klasse kurs gruppe classe cours clase grupo"
    ),
    "service": word_set(
        "service services server servers host hosts instance instances deployment deployments release "
        "releases dienst "
        "serveur servidor"
    ),
}
"""Nouns by what they may all be called."""
_RIGHTS: dict[str, frozenset[str]] = {
    "password": word_set(
        "credentials login logins password passwords passcode passwort kennwort contraseña wachtwoord senha"
    ),
    "factor": word_set("mfa 2fa otp authenticator"),
    "role": word_set("role roles right rights permission permissions admin rolle rôle rol ruolo"),
    "key": word_set("credential credentials key keys secret secrets token tokens"),
}
_LETTERS = KINDS["letter"] | KINDS["file"]
_NO_LETTERS = frozenset().union(*(words for kind, words in KINDS.items() if kind not in ("letter", "file"))) - _LETTERS
_CALLS_OFF = re.compile(
    r"\b(?:cancel(?:s|led|ed|ling|ing)?|call(?:s|ed|ing)? off|stornier\w*|sag\w*\b.{1,60}\bab|"
    r"annule[rz]?|cancela[r]?|"
    r"cancele|annull[ai]\w*|annuleer|zeg\b.{1,60}\baf)\b"
)
"""What is not done to letters and files."""
_DELETES = re.compile(
    r"\b(?:delet\w*|remov\w*|eras\w*|trash|clear|drop|empty|get rid|throw|lösch\w*|entfern\w*|"
    r"supprim\w*|effac\w*|enlève|"
    r"borra\w*|elimin\w*|quita|cancell[ai]\w*|verwijder\w*|schrap|apag\w*|exclu\w*)\b"
)
_FROM = re.compile(
    r"\b(?:remove|kick|take|drop|strip|throw|get)\s[^,;]{1,60}?\s(?:from|out of|off)\s((?:[\w#'-]{1,40}\s?){1,4})"
)
_PEOPLE = word_set("user account contact customer client person employee profile")
_EVERYWHERE = word_set(
    "team teams org organisation organization company workspace system platform app crm portal directory database "
    "server slack github us here everything everywhere tenant domain"
)
_OF_A_PERSON = re.compile(
    r"\b(?:delet\w*|remov\w*|eras\w*)\s(?:him|her(?=\s(?:from|out|off|and|please)\b|[.,!]|$))(?!\w)"
)
"""`delete him`: a person's record, and not what stands in a calendar about them."""
_PIECE = re.compile(r"[^\W\d_]{3,}|\w*\d\w*")
_ENDING = re.compile(r"\.\w{1,5}$")
_OF_RECORDS = frozenset(("update", "delete", "run", "book", "share", "create"))
_IT = THINGS | {"lo", "la"}
_BEFORE = 2
"""So many clauses before it may have what `it` stands for."""


def other_kind(
    verb: str,
    tool: str,
    arguments: Collection[str],
    clauses: Sequence[Clause],
    tools: Iterable[str] = (),
    states: Collection[str] = (),
) -> bool:
    """Whether the user's clauses ask for this effect on a kind of record that a tool does not have. `tools` are others
    of the session, `arguments` the names of those that the call gives, `states` what it makes of the record: `set it to
    draft` speaks of no draft."""
    if verb not in _OF_RECORDS:
        return False
    asking = [one for one in clauses if verb in one.verbs]
    own = nouns_of(tool)
    if verb == "delete" and not own.isdisjoint(_LETTERS) and own.isdisjoint(_NO_LETTERS) and _called_off(asking):
        return True
    if verb == "delete" and any(_OF_A_PERSON.search(one.text) for one in asking) and _is_of_no_person(own):
        return True
    known = frozenset(noun for one in tools if one != tool for noun in nouns_of(one))
    said = {word for at, one in enumerate(clauses) if verb in one.verbs for word in _beside(clauses, at)}
    wanted = {word for word in said if (kinds_of(word) or stem_of(word) in known) and word not in states}
    mine = own | {noun for one in arguments for noun in nouns_of(one)}
    if not wanted or not own or any(stem_of(word) in mine for word in said):
        return False
    has = {kind for noun in mine for kind in kinds_of(noun)}
    asked = [kinds_of(word) for word in wanted]
    if any(has & kinds for kinds in asked):
        return False
    return bool(has) or any(stem_of(word) in known for word in wanted)


def other_right(verb: str, tool: str, clauses: Sequence[Clause]) -> bool:
    """Whether the user speaks of another right than a tool gives or takes: of a role, where it resets a password."""
    mine = {right for right, words in _RIGHTS.items() if not words.isdisjoint(words_of(tool))}
    said = {word for at, one in enumerate(clauses) if verb in one.verbs for word in _beside(clauses, at)}
    asked = {right for right, words in _RIGHTS.items() if not words.isdisjoint(said)}
    return bool(mine) and mine.isdisjoint(asked) and bool(asked or mine - {"role"})


def is_all_of(verb: str, tool: str, arguments: Collection[str], clauses: Sequence[Clause]) -> bool:
    """Whether a tool deletes somebody altogether whom the user wants taken from something: `remove Bob from the
    channel`."""
    if verb != "delete" or len(arguments) != 1 or not nouns_of(tool) <= _PEOPLE:
        return False
    found = [one for clause in clauses if verb in clause.verbs and (one := _FROM.search(clause.text)) is not None]
    return any(_EVERYWHERE.isdisjoint(one[1].split()) for one in found)


def names(source: Sequence[str], said: Collection[str]) -> bool:
    """Whether words of a user name what a tool returned: by its noun, or by a word of what it was called with (of a
    path its last part). What a tool returns to a call without arguments is nothing that a model picked."""
    tool, *given = source or ("",)
    nouns = nouns_of(tool)
    kinds = {kind for noun in nouns for kind in kinds_of(noun)}
    if any(stem_of(word) in nouns or kinds & kinds_of(word) for word in said):
        return True
    stems = {stem_of(word) for word in said}
    last = [_ENDING.sub("", text.lower().rstrip("/").rpartition("/")[2]) for text in given]
    return not given or any(stem_of(word) in stems for text in last for word in _PIECE.findall(text))


def _called_off(asking: Sequence[Clause]) -> bool:
    return any(_CALLS_OFF.search(one.text) for one in asking) and not any(
        _DELETES.search(one.text) or not _LETTERS.isdisjoint(one.words) for one in asking
    )


def _is_of_no_person(own: Collection[str]) -> bool:
    kinds = {kind for noun in own for kind in kinds_of(noun)}
    return bool(kinds) and kinds.isdisjoint(("contact", "account", "class"))


def _beside(clauses: Sequence[Clause], at: int) -> frozenset[str]:
    """The words of a clause, and of those before it where it says `it`."""
    one = clauses[at]
    if one.words.isdisjoint(_IT):
        return one.words
    return one.words.union(*(before.words for before in clauses[max(0, at - _BEFORE) : at]))


@lru_cache(4096)
def nouns_of(name: str) -> frozenset[str]:
    """The nouns of a tool's or an argument's name, without their plural."""
    own = words_of(name)
    return frozenset(
        stem_of(word)
        for at, word in enumerate(own)
        if len(word) > 2 and word not in READS and not (classes_of(word) and (not at or word not in NOUNS))
    )


@lru_cache(4096)
def kinds_of(word: str) -> frozenset[str]:
    return frozenset(kind for kind, words in KINDS.items() if word in words or f"{word}s" in words)


def stem_of(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
