"""What kinds of effect hide in one class: who asks to rotate a secret wants no ticket closed, though both are updates.

A tool has a shade by a word of its name or by its declared verb; the user has those of the words said. A tool without
one does anything of its class: `update_ticket` can close. Who only says a general word (`change it`) may have meant
most shades, but none of the grave ones.
"""

import re
from collections.abc import Iterable

from outrider.policy.declarations import words_of


def _forms(word: str) -> tuple[str, ...]:
    """`lock`, `locked`, `locks`; `pause`, `paused`: what does not exist does no harm."""
    return word, f"{word}s", f"{word}ed", f"{word}d", f"{word}ing", f"{word.removesuffix('y')}ied"


SHADES: dict[str, dict[str, frozenset[str]]] = {
    verb: {name: frozenset(form for word in words.split() for form in _forms(word)) for name, words in shades.items()}
    for verb, shades in {
        "send": {
            "sms": "sms texting texted",
            "mail": "mail mails mailing email emails e-mail e-mails emailing maile mailen courriel correo",
            "fax": "fax faxes faxe faxen",
        },
        "update": {
            "close": "close closes closed closing tick ticks ticked complete completed resolve resolved done finish "
            "finished solved schliess schliesse schliessen geschlossen erledigt fermer ferme fermé cierra cerrar "
            "cerrado chiudi",
            "rotate": "rotate rotates rotated rotating rotation roll regenerate reissue cycle renew renewed rotiere "
            "rotieren",
            "scale": "scale scaled scaling resize increase decrease raise lower extend reduce erhöhe erhöhen senke "
            "augmente réduis sube baja",
            "lock": "lock block freeze suspend disable deactivate pause stop halt hold sperre sperr sperren bloque "
            "bloquer bloquea bloquear pausa blocca",
            "unlock": "unlock unblock unfreeze unpause resume activate reactivate enable reopen restore entsperre "
            "débloque desbloquea sblocca",
            "escalate": "escalate prioritize prioritise urgent priority eskaliere escalade escala",
            "upgrade": "upgrade",
            "downgrade": "downgrade",
            "waive": "waive override drop forgive erlass erlasse",
            "flag": "flag tag label mark pin highlight link star",
            "hide": "hide unlist verberge masque oculta",
            "accept": "accept approve confirm agree bestätige bestätigen confirme confirmer confirma "
            "confirmar conferma",
            "reject": "reject decline refuse dismiss ablehnen refuse rechaza rechazar rifiuta",
            "promote": "promote feature boost",
            "demote": "demote",
            "move": "move moved moves moving reschedule postpone rename verschiebe verschieb verschieben déplace "
            "déplacer mueve mover sposta spostare mude verplaats",
        },
        "delete": {
            "archive": "archive archives archived archiving archiviere archivieren archiver archiva",
            "unsubscribe": "unsubscribe unsubscribed abmelden abbestellen désabonne",
            "delete": "delete deletes deleted deleting remove removed cancel cancelled canceled drop erase revoke "
            "clear empty kick trash terminate",
        },
        "run": {
            "merge": "merge merges merged merging zusammenführen fusionne",
            "approve": "approve approves approved approving through allow genehmige freigeben approuve aprueba",
            "deploy": "deploy deploys deployed deploying deployment redeploy release ship roll rolled rollback rollout "
            "revert install upgrade launch bring push start starte starten installiere lance lancer inicia avvia",
            "restart": "restart restarted restarting reboot rerun retry start starte starten relance reinicia bring",
        },
        "pay": {
            "standing": "standing recurring recurrent autopay mandate subscription subscribe installment repeat every "
            "each monthly weekly quarterly yearly annually month regular regularly dauerauftrag monatlich wöchentlich "
            "jährlich jeden mensuel mensuelle chaque virement cada mensual ogni mensile elke maandelijks",
            "charge": "charge debit deduct",
            "refund": "refund refunds refunded reimburse reimburses repay back zurück erstatte erstatten rückerstatte "
            "rembourse rembourser remboursez rimborsa rimborsare reembolsa reembolsar reembolse terug terugbetalen "
            "terugstorten vergoed vergoeden",
        },
    }.items()
}
GRAVE = frozenset(("close", "rotate", "archive", "unsubscribe", "merge", "approve", "deploy", "refund", "charge",
                   "standing", "lock", "unlock", "escalate", "upgrade", "downgrade", "waive", "flag", "hide", "accept",
                   "reject", "promote", "demote"))  # fmt: skip
"""What a general word does not ask for."""
_STATED = frozenset(("lock", "unlock", "escalate", "upgrade", "downgrade", "waive", "flag", "hide", "accept", "reject",
                     "promote", "demote"))  # fmt: skip
"""What a tool of another shade may bring about by a state: `move_stage(stage="rejected")`, of which the value is
judged by itself."""


TAKES = re.compile(
    r"^(?!.*\b(?:pay|settle|back)\b)(?:(?:please|and|then|also|to|can you|could you)\s)*(?:charge|debit|deduct|bill|"
    r"collect)\s"
)
"""What takes money from somebody: `charge Bob 50 euro`."""


def shade_of(verb: str, tool: str, declared: str = "") -> str:
    """The shade of a tool within the class of its effect; "" if it has none."""
    shades = SHADES.get(verb, {})
    for word in (*words_of(tool), declared.strip().lower()):
        for name, words in shades.items():
            if word == name or (word in words and word != verb):
                return name
    return ""


def suits(verb: str, shade: str, said: Iterable[str]) -> bool:
    """Whether words of a user who asked for this class of effect ask for this shade of it, too."""
    if not shade:
        return True
    shades, words = SHADES[verb], set(said)
    if not words.isdisjoint(shades[shade]):
        return True
    others = any(not words.isdisjoint(known) for name, known in shades.items() if name != shade and name not in _STATED)
    return shade not in GRAVE and not others
