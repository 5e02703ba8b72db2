"""Words of users, by language: what they call effects, what they only read, how they say no, and numbers in words.

They are folded, as what is compared with them: ss for ß.
"""

import re


def word_set(words: str) -> frozenset[str]:
    """Words that stand in one text, apart."""
    return frozenset(words.split())


VERBS: dict[str, str] = {
    "send": "send email mail e-mail message dm text write reply respond answer forward notify inform tell ping contact"
    " remind alert ask thank greet cc fax sms"
    " faxe faxen"
    " sende schick schicke schicken senden schreib schreibe schreiben sag sage sagen antworte antworten maile mailen"
    " informiere informieren benachrichtige benachrichtigen frag frage leite weiterleiten erinnere"
    " envoie envoyer envoyez envoi écris écrire écrivez réponds répondre répondez dis dire préviens prévenir"
    " transmets"
    " informez demande"
    " envía envia enviar manda mandar escribe escribir responde responder dile diles avisa avisar reenvía pregunta"
    " contesta contestar contéstale"
    " invia inviare scrivi scrivere rispondi rispondere dì avvisa inoltra manda mandare"
    " envie mande escreva escrever responda avise"
    " stuur sturen schrijf schrijven antwoord antwoorden zeg"
    " mande avise envie diga escreva responda wyślij wyslij napisz odpisz poinformuj powiadom zadzwoń skicka mejla"
    " svara skriv meddela skriv svar besked kirjoita lähetä gönder yaz bildir pošli napiš",
    "post": "post publish announce tweet comment say write"
    " kommentiere kommentieren"
    " poste posten veröffentliche veröffentlichen schreib schreibe schreiben publie publier poster écris publica"
    " publicar escribe pubblica pubblicare publique plaats"
    " opublikuj publicera publicer postaa yayınla",
    "share": "share grant teile teilen freigeben gib partage partager comparte compartir condividi compartilhe deel"
    " delen"
    " udostępnij dela jaa paylaş",
    "invite": "invite add include lade lad einladen füge hinzufügen inviter invitez ajoute ajouter invita invitar"
    " añade agrega agregar invitare aggiungi convide adicione nodig uitnodigen"
    " zaproś bjud inviter kutsu davet pozvi",
    "pay": "pay transfer wire send refund settle reimburse buy purchase order donate top-up tip repay owe"
    " erstatte erstatten rückerstatte rembourser remboursez rimborsa rimborsare reembolsa reembolsar reembolse"
    " terugbetalen vergoed vergoeden terugstorten"
    " überweise überweisen überweis zahle zahl zahlen bezahle bezahl bezahlen begleiche kaufe kauf kaufen bestelle"
    " bestell bestellen schick schicke"
    " paie paye payer payez vire virer verse verser règle régler achète acheter commande commander rembourse envoie"
    " paga pagar transfiere transferir compra comprar envía manda paghi pagare bonifica trasferisci acquista ordina"
    " pague transfira compre betaal betalen koop bestel overmaken"
    " zapłać przelej opłać zwróć kup zamów betala betal överför overfør köp køb beställ bestill maksa öde satın"
    " zaplať",
    "book": "book reserve rent buche buch buchen reserviere reservier reservieren miete réserve réserver réservez"
    " reserva reservar prenota prenotare reserve boek boeken reserveer"
    " marca marque agende zarezerwuj umów boka bestil varaa ayırt rezervuj",
    "create": "create add make write schedule save set put draft record log open new register append insert store note"
    " upload generate prepare plan arrange organize organise copy file raise"
    " erstelle erstell erstellen trag trage eintragen speichere speichern leg lege anlegen plane planen notiere mach"
    " mache setz setze schreib schreibe"
    " crée créer créez ajoute ajouter enregistre enregistrer note noter planifie mets écris"
    " crea crear añade añadir agrega anota apunta apuntar guarda guardar programa pon escribe"
    " creare aggiungi salva annota metti crie adicione salve anote maak maken voeg plan zet"
    " marca marque agende dodaj zapisz utwórz zaplanuj umów lägg tilføj legg opprett skapa opret lisää ekle"
    " oluştur přidej",
    "update": "update change edit modify rename move reschedule set adjust replace mark correct fix increase decrease"
    " scale resize rotate renew rotiere rotieren"
    " raise lower extend assign complete close turn switch reset put"
    " schliess schliesse schliessen"
    " ändere ändern aktualisiere aktualisieren verschiebe verschieb verschieben erhöhe erhöhen setz setze stell"
    " stelle"
    " modifie modifier change changer déplace déplacer mets mettre augmente"
    " cambia cambiar modifica modificar mueve mover actualiza actualizar pon sube"
    " modificare sposta spostare aggiorna mude altere atualize wijzig verander verplaats"
    " zmień przesuń przełóż zaktualizuj popraw ändra flytta uppdatera ændr flyt endre flytt oppdater muuta siirrä"
    " verlängere verlänger verlängern tausche tausch tauschen ersetze ersetz ersetzen prolonge prolonger remplace"
    " remplacer prolunga prolungare sostituisci sostituire prorroga prorrogar prolonga prolongar sustituye sustituir"
    " troca trocar verleng verlengen vervang vervangen"
    " değiştir taşı změň přesuň corrige corrigir corriger corrija corrigez remarca adia adie antecipa",
    "delete": "delete remove cancel clear drop unsubscribe archive erase revoke kick trash empty"
    " terminate"
    " lösche lösch löschen storniere stornier stornieren entferne entfernen kündige kündigen"
    " supprime supprimer annule annuler annulez efface effacer retire résilie"
    " borra borrar elimina eliminar cancela cancelar quita anula"
    " cancella cancellare eliminare annulla apague exclua cancele verwijder annuleer schrap"
    " usuń anuluj odwołaj skasuj avboka radera slet aflys slett avlys poista peru sil iptal zruš smaž remova"
    " streiche streichen enlève enlever raye rayer"
    " cancele apague togli toglilo",
    "run": "run execute start deploy restart launch install call trigger merge approve build rerun retry rollback"
    " ship reboot neustarten redémarre redémarrer redémarrez relance relancer reinicia reiniciar despliega riavvia"
    " riavviare reinicie herstart herstarten"
    " starte starten führe installiere lance lancer exécute ejecuta ejecutar inicia esegui avvia",
}
"""What a user may call an effect, by the effect's own word. A word may be in several."""

BUYS = word_set(
    "buy buying purchase order orders ordering kaufe kauf kaufen bestelle bestell bestellen achète acheter commande "
    "commander compra comprar ordina acquista acquistare compre koop bestel get need shop checkout"
)
"""Words of paying that get something for it: who pays a bill orders nothing."""

_MAKE = r"\b(?:make|place|do|issue|initiate|arrange|submit|set|need|send|raise|open)\b.{1,40}\b"
_READS_FIRST = r"(?:(?:please|kindly|can|could|would|you)\s+)*(?:read|open|show|find|search|look|fetch)\b"
"""What is looked for in a mail is not to be sent in one."""
REFUNDS = re.compile(
    r"(?:返金|払い?戻)(?!.{0,14}(?:ない|なく|いけ|だめ|ダメ|駄目|禁止|ません|ました|したか)).{0,10}(?:して|お願い|ください|下さい|たい)"
)
"""Japanese, which has no spaces: what is asked for, and neither negated nor past."""
_ENTRY = r"(?:access|logins?|(?:user |staff |guest )?accounts?|user profiles?|seats?|badges?)"
"""What lets somebody in."""
BY_A_WAY = re.compile(
    r"^(?:(?:please|also|then|just|and|to|kindly|bitte|por favor|s'il vous plaît)\s+)*"
    rf"(?!{_READS_FIRST}|(?:who|what|which|he|she|it|they|we|i|you|the|an?|my|our|his|her|their|this|that|is|are|was|has|"
    r"had|came|got|sent|received|check|see|review|compare|list|count|summari[sz]e|download|collect|all|any|no|not|never|"
    r"don't|pay|buy|order|delete|remove|cancel|transfer|refund)\b)"
    r"[^\W\d_]{3,}\b(?!\s+(?:by|via|per)\b).{1,120}(?P<at>\b(?:by|via|per|par|por)\s+"
    r"(?:e-?mail|mail|sms|text(?: message)?|letter|fax|post|courriel|correo|whatsapp)\b)"
)
"""`refer her to them by email`: whatever the verb, it is to be written."""
PHRASES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("send", re.compile(r"\blet\b.{1,60}\bknow\b|\b(drop|shoot|give)\b.{1,60}\b(line|e?mail|message|note|shout)\b")),
    ("send", re.compile(r"\bget back to\b|\b(gib|sag)\b.{1,60}\bbescheid\b|\bsay (hi|hello|thanks)")),
    ("send", re.compile(rf"^(?!{_READS_FIRST}).*(?P<at>\bin an? (e-?mail|mail|message|note) to\b)")),
    ("post", re.compile(r"\bleave\b.{1,20}\b(comment|note|message|reply|remark)\b")),
    ("post", re.compile(r"\bsay (hi|hello|thanks|that)|\b(put|drop)\b.{1,80}\b(in|into|on)\b.{1,30}\bch(annel|at)\b")),
    ("post", re.compile(r"\bcopy\b.{1,80}\bto\b")),
    ("send", re.compile(r"^(?:(?:please|also|then|just|to|you)\s)*page\s(?!\d|numbers?\b|up\b|down\b)\w")),
    ("book", re.compile(r"\bsign\b.{1,60}\bup\b|\benrol\w*\b")),
    ("pay", re.compile(r"\b(betaal|stort|geef)\b.{1,80}\bterug\b")),
    ("pay", REFUNDS),
    ("delete", re.compile(r"\bget rid of\b|\bthrow (away|out)\b|\bcall off\b|\bsag\w*\b.{1,60}\bab\b")),
    ("delete", re.compile(r"\btake\b.{1,60}\boff\b")),
    ("run", re.compile(r"\broll\b.{1,60}\bback\b|\bbring\b.{1,60}\bback up\b")),
    ("create", re.compile(r"\bset up\b|\btrag\w*\b.{1,60}\bein\b|\bwrite down\b|\bjot\b")),
    ("book", re.compile(r"\bget (me|us)?\s*(a|the|two|\d+)?\s*(\w+ )?(table|room|flight|hotel|ticket|seat)s?\b")),
    ("book", re.compile(r"\b(two|three|four|\d+|an?) (rooms?|tables?|seats?|tickets?)\b.{1,80}\bplease\b")),
    ("pay", re.compile(r"\bshould (get|receive)\b.{1,60}\bfrom me\b|\bsettle\b|\bpay (back|off)\b|\border me\b")),
    ("pay", re.compile(r"\bgive\b.{1,60}(\d|\b(money|euros?|dollars?|pounds?|francs?)\b)")),
    ("share", re.compile(r"\bgive\b.{1,60}\baccess\b")),
    ("send", BY_A_WAY),
    ("send", re.compile(r"\b(get in touch with|reach out to|follow up with|check in with|hand\b.{1,40}\bover to)\b")),
    ("send", re.compile(r"\b(apologi[sz]e|explain|confirm|report)\b(?!ed).{0,60}\bto (him|her|them|the)\b")),
    ("invite", re.compile(rf"\b(set up|create|make|open|get|issue|arrange|prepare|sort out)\b.{{1,40}}\b{_ENTRY}\b")),
    ("invite", re.compile(rf"\b(needs?|gets?|should (?:get|have|be given)|wants?|requires?)\b.{{1,30}}\b{_ENTRY}\b")),
    ("invite", re.compile(r"\blad\w*\b.{1,80}\bein\b|\bbring\b.{1,40}\bin(to)?\b")),
    ("book", re.compile(_MAKE + r"(reservation|booking)s?\b")),
    ("pay", re.compile(_MAKE + r"(payment|transfer|order|purchase|refund|donation|transaction)s?\b")),
    ("create", re.compile(_MAKE + r"(appointment|meeting|event|reminder|entry|list|note|file|document|ticket)s?\b")),
    ("update", re.compile(_MAKE + r"(update|change|edit|correction)s?\b")),
    ("post", re.compile(_MAKE + r"(post|announcement)s?\b")),
    ("invite", re.compile(_MAKE + r"invitations?\b")),
    ("delete", re.compile(_MAKE + r"(deletion|cancellation)s?\b")),
    ("update", re.compile(r"\b(turn|switch|bring|put)\b.{1,60}\b(on|off|up|down|as|to)\b")),
    ("update", re.compile(r"\b(needs?|has|have|ought) to (go|be) (to|on|at|in)\b|\bmuss\b.{1,40}\bauf\b.{1,40}\d")),
)  # fmt: skip
"""What several words ask for together."""

NOUNS = word_set(
    "email mail e-mail message dm text order transfer book note post file record log plan comment reply answer "
    "report invite share alert contact update change call draft copy purchase trash schedule forward request wire "
    "tip store build start open new set deposit rent buch reserva commande note envoi programa compra paga crea "
    "invita plan drop clear complete close schreiben frage mark cancela publica demande change dm manda pon empty "
    "turn trigger merge approve upload register raise release order demandes grant marca"
)
"""Verbs that are as often nouns or something else: they ask for an effect only where a request's verb stands."""

READS = word_set(
    "read check look find search show summarize summarise sum list compare view review see fetch analyse analyze "
    "translate explain describe browse lookup examine inspect scan skim study verify count collect extract lies "
    "lesen such suche suchen schau zeig zeige vergleiche prüfe fasse lis lire lisez cherche chercher regarde "
    "montre compare résume vérifie lee leer busca buscar mira muestra resume compara revisa verifica leggi cerca "
    "mostra riassumi controlla leia procure lees zoek bekijk"
)
"""What is done to things without changing them."""

ASKS = word_set("who what which when where how whoami available availability upcoming latest unread")
"""How the name of a tool begins that only answers."""

CONTENT = word_set(
    "body text message content subject title description note notes comment summary caption html markdown reason "
    "memo details post reply snippet bio label headline"
)
"""Arguments of undeclared tools that are taken for content."""

NOT_BEFORE = word_set(
    "not don't dont never without avoid no cannot shouldn't mustn't can't won't nie niemals ohne ne n'envoie "
    "nunca sin jamais sans non mai senza não nem niet nooit didn't doesn't"
)
NOT_BEHIND = word_set("nicht nichts kein keine keinen keinem niemand niemandem pas rien niet geen nada")
"""Words that say no, before a verb and behind it."""

QUESTION = re.compile(
    r"^(and |und |et |y )?(who|whom|whose|what|what's|whats|when|where|which|why|how|did|does|do (i|we|you|they)|"
    r"has|have (i|we|you|they)|had|"
    r"is (?!it possible)|are (?!you able)|was|were|am i|any\b|wer|wen|wem|was (?!ich)|wann|wo|welche[rsn]?|warum|wie|"
    r"hat|habe ich|ist|sind|qui|quand|où|combien|est-ce|quel(le)?s?|pourquoi|a-t-|"
    r"comment(?! (?:on(?! (?:fait|peut|doit|va|est|sait|met|dit)\b)|under|in)\b)|"
    r"¿?(quién|qué|cuándo|dónde|cuánto|cuánta|cuál|cómo|tengo|hay)|chi|quando|dove|quanto|perché|quem|onde|wie|wanneer|hoeveel)\b"
)
"""How a clause begins that only asks something."""

PERSONAL = word_set(
    "him her them they she he everyone everybody all both ihm ihr ihnen ihn sie lui leur elle eux les le la tous "
    "toutes les todos ellos gli loro hem haar hun iedereen alle"
)
THINGS = word_set(
    "it this that these those them there one ones both all each ours mine es das dies diese diesen dieses ihn sie "
    "dort da en y le la les ça cela lo los las eso esto esa ello ci questo het dit dat deze alle"
)
POSSESSIVE = word_set(
    "her hers his their theirs its ihr ihre ihren ihrem ihrer sein seine seinen seinem seiner son sa ses leur leurs su "
    "sus suo sua suoi sue loro zijn haar hun seu seus suas"
)
PLACES = word_set("there dort là-bas là allí ahí lì daar")
"""Words that stand for somebody, or something, that was named before."""

BACK = word_set(
    "reply respond answer back antworte antworten réponds répondre responde responder rispondi responda antwoord"
)
"""Verbs that go back to somebody without naming them."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen",
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn"
    " achtzehn neunzehn",
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis",
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici",
    "zerth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth",
)
_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "vingt trente quarante cinquante soixante",
    "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "twentieth thirtieth",
)
NUMBER_WORDS: dict[str, int] = {
    **{word: at for line in _UNITS for at, word in enumerate(line.split())},
    **{word: 10 * at for line in _TENS for at, word in enumerate(line.split(), 2)},
    **dict.fromkeys(("couple", "both", "pair", "beide", "twice"), 2),
    **dict.fromkeys(("dozen", "dutzend", "douzaine", "docena"), 12),
    **dict.fromkeys(("single", "einen", "einem", "eine", "einer", "una", "une", "een"), 1),
}
SCALES: dict[str, int] = {
    **dict.fromkeys(("hundred", "hundert", "cent", "cents", "cien", "ciento", "cento", "honderd"), 100),
    **dict.fromkeys(("thousand", "tausend", "mille", "mil", "grand", "duizend"), 1000),
    **dict.fromkeys(("million", "millionen", "millón", "millones", "milione"), 1_000_000),
}
_MOST = 10**15
"""No number in words is larger: `hundred hundred hundred …` is none."""
_JOINED = frozenset(("and", "und", "et", "y", "e"))
_WORD = re.compile(r"[^\W\d_]+")
_GERMAN = re.compile(r"^(ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)und(\w+ig|dreissig)$")
_UNIT_OF = {"ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9}


def counted_in_words(text: str) -> list[tuple[int, int, int]]:
    """Numbers that a text says in words: (number, start, end)."""
    found: list[tuple[int, int, int]] = []
    total = part = 0
    start = end = -1
    for match in _WORD.finditer(text):
        word = match[0]
        value = _word(word)
        if value is None and word not in SCALES and not (word in _JOINED and part % 100 == 0 and (part or total)):
            if start >= 0:
                found.append((total + part, start, end))
            total = part = 0
            start = -1
        elif word in SCALES and (start >= 0 or word not in ("cents", "cent", "grand")):
            start = match.start() if start < 0 else start
            end = match.end()
            scale = SCALES[word]
            if scale == 100:
                part = min((part or 1) * 100, _MOST)
            else:
                total, part = total + (part or 1) * scale, 0
        elif value is not None:
            if start >= 0 and part % 10 and part % 100:  # "one two": two numbers
                found.append((total + part, start, end))
                total = part = 0
                start = -1
            start = match.start() if start < 0 else start
            part, end = part + value, match.end()
    if start >= 0:
        found.append((total + part, start, end))
    return found


def _word(word: str) -> int | None:
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    compound = _GERMAN.match(word)
    if compound and compound[2] in NUMBER_WORDS:
        return _UNIT_OF[compound[1]] + NUMBER_WORDS[compound[2]]
    return None
