"""Words beside a number that say what it is: a telephone's, or an order, an amount, a version, a document."""

import re

_BEGIN = r"(?<![^\W_])"
_STEMS = (
    r"(?:tele|cell|mobile|smart|home|work|car)?phone|mobile|cellular|dial|whatsapp|text|reach|contact"
    r"|number(?!s? of\b)|handset|messag"
    r"|(?:hot|help|land)[- ]?line|voice-?mail|pager|telefon|tele?foon|mobil|handy|rufnummer|anruf|rückruf"
    r"|durchwahl|erreich"
    r"|téléphone|portable|appel|rappel|joign|teléfono|móvil|llam|llám|cellulare|chiam|telefone|telemóvel"
    r"|telemovel|telefón"
    r"|puhelin|soita|kännyk|sími|tālru|skambin|helista|mobiil|komór|dzwoni|zadzwo|volej|zavol|telefonní"
    r"|pokliči|mobitel"
    r"|nazov|телеф|мобил|звон|позвон|перезвон|дзвон|τηλέφ|κινητ|telepon"
)
"""Beginnings of words."""
_WHOLE = (
    r"tel|cells?|call(?:s|ed|er|ing)?|call-?backs?|rufen|rufe|ruft|angerufen|fax(?:ed)?|sms|rings?|rang"
    r"|ringing|lines?|viber|telegram|bel|belt|bellen|gebeld|gsm|cel"
    r"|celular|tél|joindre|ligue|ligar|ligou|sunați|sunati|tlf|ringe|ringde|puh|hringdu|síminn|sím|zvanīt"
    r"|zvaniet|kom|volat"
    r"|hívjon|hívj|hívja|zovite|cep|arayın|ara|тел|моб|номер|набери(?:те)?|τηλ|καλέστε|hp|hubungi|msisdn|tel-?(?:no|nr|num\w*)"
    r"|điện thoại|gọi|sđt|đt"
)
_FILL = r"(?:(?:no|nr|n|num|tel|mob|kom|ph|č|ext|st|dr|mr|mrs|ms)\.\W{1,2}|\w+[^\w.!?]{1,3}|\w+[.!?][\"'»”)]\s?){0,4}"
BEFORE = re.compile(
    rf"(?i)(?:{_BEGIN}(?:(?:{_STEMS})\w*|(?:{_WHOLE})(?!\w)|(?:my|his|her|your|our)\s#)"
    rf"|(?-i:(?<=[a-z])(?:Phone|Mobile|Tel|Fax|Cell))\w*|[☎✆📞📱☏]\ufe0f?|電話|电话|手机|手機|携帯|전화|휴대폰|연락처|联系)"
    rf"[ .]{{0,12}}\W{{0,4}}{_FILL}(?:[^\W\d_]{{1,2}}|번호는|是|は|番号は)?\W{{0,2}}$"
)
"""A word for telephones, and up to four more words."""
OWN = re.compile(
    r"(?i)\b(?:my|his|her|your|our|their)\s(?:registered|new|old|other|current|personal|private|work|linked)\s$"
)
LABEL = re.compile(
    r"(?i)(?:^|\n)[^\w\n]{0,4}(?:mobile|mobil|desk|fax|phone|telephone|tel|tlf|telefon|office|home|cell|handy|direct)"
    r"\s?\.{0,12}\s?:?\s?$"
    r"|(?:^|[\n|;•·])[^\w\n]{0,4}(?-i:[TMPFCHtmpfch]|Ph|ph|Mob|mob|Fx)(?:\.\s?:?|\s?:)\s?$"
)
"""A line's own word for its number, which may then be a short one."""
SHORT = re.compile(
    r"(?i)\b(?:(?:tele)?phone|tel|tlf|telefon|mobil\w*|cell|fax|sms|whatsapp|registered|call(?:s|ed|ing)?"
    r"|ring|text(?:ed)?)"
    r"[ .]{0,12}\W{0,3}(?:\w+\W{1,2}){0,3}$"
)
"""Words behind which a number may be short, if it is in groups."""
AFTER = re.compile(
    r"(?i)\s?[-(,]\s?(?:office|fax|mobile|cell|home|work|phone|tel|mobil|büro|privat|bureau|domicile|oficina|casa)"
    r"\b(?![^\S\n]+(?:[^\W\d_]|\d+\b(?![- ]\d)))|\s?\([omchwfp]\)"
    r"|\W{1,2}(?:(?:is|was|that'?s)\s(?:my|his|her|our|their|the)\s(?:\w+\s)?(?:phone|mobile|cell|number)"
    r"|(?:(?:just|keeps?|has|always|never|kept)\s){0,2}(?:call(?:ed|ing|s)|rang|ringing|rings|text(?:ed"
    r"|ing|s)|phon(?:ed|ing)"
    r"|answer(?:s|ed|ing)?|from (?:calling|texting|ringing)))\b"
)
"""The word of a number behind it: no `home page`, no `office 365`."""
OTHER = re.compile(
    r"(?i)(?:(?<![^\W_])(?:order|invoice|ticket|case|ref(?:erence)?|item|sku|upc|ean|gtin|isbn|issn|doi"
    r"|account|acct|konto|policy"
    r"|track(?:ing)?|parcel|serial|version|build|release|page|pages|pp|room|id|ssn|card|routing|passport"
    r"|licen[cs]e|iban"
    r"|imei|vat|tax|part|parts|model|type|batch|lot|voucher|coupon|gift|booking|reservation|confirmation"
    r"|membership|contract"
    r"|permit|docket|patent|dossier|registration|transaction|txn|receipt|bon|quittung|terminal|sensor"
    r"|counter|meter|error"
    r"|octal|(?<!area )(?<!country )(?<!ling )codes?|otp|pin"
    r"|combination|seed|inode|pid|rows?|step|size|total|population|score|job"
    r"|commit|issue|question|quote"
    r"|bid|form|matrix|bits|lottery|(?:winning|lucky) numbers|lotto\w*"
    r"|flight|train|bus|seat|version|firmware|kernel|rfc"
    r"|art|vol|chapter|table"
    r"|aktenzeichen|az|az\.|saldo|summe|summa|suma|somme|sum|betrag|montant|importe|price|pris|preis|prix"
    r"|precio|prezzo|preço"
    r"|cena|ceny|cijena|preț|fiyat|budget|revenue|sales|turnover|umsatz|wert|anzahl|stückzahl|menge"
    r"|nombre|cantidad|liczba"
    r"|einwohner|omsetning\w*|omsättning\w*|liikevaihto|przychody|tržby|население|выручка|сумма|cvr|siren"
    r"|siret|nip|regon"
    r"|ičo|abn|acn|kvk|org\.?\s?nr|cnpj|cpf|nhs|medicare|blz|bsb|clabe|ref\.|dossier|commande|facture"
    r"|pedido|factura|fattura"
    r"|ordine|faktura|fakturanr|ordre|zamówienie|objednávka|zip|plz|cep|postcode|epoch|elapsed|cas|hs|ec"
    r"|model|auth|locker)"
    r"|(?<![^\W_])(?!tele|mobil|handy|ruf|fax|phone|cell|gsm|puhelin|tālru)[^\W\d_]{4,}(?:nummer|nr|number))"
    r"(?:(?:\s|_)(?:number|num|no|nr|code|id|ref|#|called|of))?\.?(?:\s?n[°ºr]\.?)?[^\w.!?]{0,3}"
    r"(?:(?:is|was|of|to|ist|er|est|es|è|grew to|no|nr|number|#)\W{1,2})?(?:[a-z]{0,3}[*#(]?)$"
)
"""What a number is that is no telephone's, directly before it."""
COUNTED = re.compile(
    r"(?i)(?<![^\W_])(?:about|around|nearly|almost|some|counted|counts?|sold|paid|worth|costs?|earned|grew|rose|fell"
    r"|total(?:s|l?ed)?|sum|eur|usd|gbp|chf|nok|sek|dkk|pln|czk|huf|rs|fik|fekk|fick|blev|var|olla|oli|jest|rund|etwa"
    r"|environ|circa|unos|cerca|около|fueron|wynos\w*|wynios\w*|było|činil\w*|byl[ao]?|より|共|售价|价格|金额|数量|总计"
    r"|価格|金額|合計|(?:liczba|anzahl|nombre|number|count|numero|número|antal|antall|počet) (?:of |de |d')?\w+)"
    r"\W{0,3}$|[€$£¥₹₽%=]\s?$"
)
"""Words before numbers of things."""
SUMMED = re.compile(rf"(?i){COUNTED.pattern[4:]}|(?<![^\W_])(?:to|of|by|than|over|under|mit|von|um|de)\W{{0,3}}$")
"""Words before amounts."""
UNIT = re.compile(
    r"(?i)[ \u00a0\u202f]?(?:[€$£¥₹₽%°²³]|,-|(?:kr|kroner?|kronor|k[cč]|z[lł]|złotych|eur\w{0,2}|eiro|euroa?|euros|usd"
    r"|dollars?|gbp|chf|franken|francs?"
    r"|ft|huf|forint\w*|lei|ron|pesos?|reais|rub\w*|руб\w*|грн|rows?|bytes?|[kmg]i?b|tokens?|people"
    r"|inhabitants|habitants?"
    r"|einwohner|человек|voters?|votes?|users?|items?|units?|pieces?|stück|tonnes?|tons?|kg|g|km|mi?|cm"
    r"|mm|ms|s|px|hz|[kmg]hz"
    r"|kwh|mwh|[kmg]?w|ha|m2|years?|days|hours|minutes|pallets|lines|shares|copies|行|件|円|元|人|원|x)(?![^\W_]))"
)
ENDS = re.compile(
    r"\s*(?:$|[.!?](?!\d)|[,;)\]\n\t|/<\"'”»…–—。])"
    r"|\s(?:and|or|for|until|till|after|before|any|anytime|day|daily|if|in|at|when|instead|please|about"
    r"|works|in case|is my"
    r"|asap|now|today|tonight|tomorrow|from|und|oder|ab|bis|wenn|et|ou|pour|après|y|o|para|dopo|dopo le"
    r"|om|när|når|hvis|i)\b"
)
"""A clause ends, or goes on with a word that no amount has behind it."""
ASKED = re.compile(
    r"(?i)(?:(?<!\w)(?:i'?m|am|is|are|me|him|her|them|us|\w+[^\w\s]?)\son|\b(?:try|add|ask for|use|under"
    r"|save|prøv|prova|prueba"
    r"|essayez|versuche|versuchen sie)|\b(?:goes?|went|going|sent)(?:\sstill)?\s(?:out\s)?to"
    r"|\bcomes?\sfrom|\bcame\sfrom"
    r"|\b(?:my|his|her|our|their|\w+['’]s)\s(?:(?:new|old|other)\s)?one(?:\sis|\swas)?"
    r"|\b(?:emergency|emergencies|reception|trouble|help|plumber|doctor|porter|driver|sos|urgent\w*)\s?:)\s?$"
)
"""What asks for a number of somebody, though it does not say so."""
