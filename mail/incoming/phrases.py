"""The fixed words that mail programs write: English, German, French, Spanish, Welsh."""

from __future__ import annotations

import re

LONGEST_LINE = 500  # letters; the lines that programs write are shorter

# Labels of the headers that a quoted or forwarded message begins with, in small letters.
LABELS = {
    label: role
    for role, labels in {
        "from": "from|von|de|oddi wrth|o",
        "date": "sent|date|date sent|gesendet|gesendet am|datum|envoyé|envoyé le|date d’envoi|enviado|enviado el|"
        "enviado a las|fecha|fecha de envío|anfonwyd|dyddiad",
        "to": "to|an|à|a|pour|para|at|i",
        "cc": "cc|bcc|kopie|copie|copie à|cci|cco|copi|copi at",
        "subject": "subject|betreff|objet|sujet|asunto|pwnc|testun",
        "other": "reply-to|reply to|antwort an|répondre à|responder a|ateb i|importance|priority|sensitivity|"
        "attachments|anlagen|organisation|organization|resent-date|resent-from|resent-to|message-id|x-mailer",
    }.items()
    for label in labels.split("|")
}

_FORWARDED = re.compile(
    r"(?:forwarded message|weitergeleitete nachricht|message (?:transféré|réexpédié)|mensaje reenviado|"
    r"neges (?:wedi(?:['’]i)? )?(?:(?:h?anfon|(?:a )?anfonwyd)(?: ymlaen)?|ymlaen))",
    re.IGNORECASE,
)
_BEGIN_FORWARDED = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"début du message (?:transféré|réexpédié)|(?:inicio|comienzo) del mensaje reenviado|"
    r"dechrau(?:['’]r)? neges (?:wedi(?:['’]i)? )?(?:h?anfon|a anfonwyd) ymlaen)",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"(?:original (?:message|e-?mail|appointment)|ursprüngliche nachricht|original-?nachricht|"
    r"message d['’]origine|message (?:original|initial)|mensaje original|(?:y )?neges wreiddiol)",
    re.IGNORECASE,
)
_DASHES = "-–—_=*"
FORWARD_SUBJECT = re.compile(r"\s*(?:fwd?|wg|tr|rv|reenv|ymlaen)\s*:", re.IGNORECASE)


def says_forwarded(line: str) -> bool:
    """Whether the line is what a mail program writes above a forwarded message."""
    core = _core(line)
    return bool(line.lstrip().startswith(("--", "––", "——")) and _FORWARDED.fullmatch(core)) or bool(
        _BEGIN_FORWARDED.fullmatch(core)
    )


def says_original(line: str) -> bool:
    """Whether the line is what a mail program writes above the message that is answered."""
    core = _core(line)
    ruled = line.startswith("--") and core.startswith("On ") and core.endswith("wrote")
    return ruled or bool(_ORIGINAL.fullmatch(core))


def _core(line: str) -> str:
    # Stripped beforehand: a pattern would take the square of a long line of dashes.
    return line.strip(f"{_DASHES} \t").rstrip(" \t:") if len(line) < LONGEST_LINE else ""


def is_ruled(line: str) -> bool:
    """A line of underscores or dashes, as Outlook draws above what is quoted."""
    return len(line.strip()) > 4 and not line.strip().strip(_DASHES)


# A line above what is quoted: who wrote it, and when. In one line, also where it was broken in several.
ATTRIBUTIONS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"On\b.{1,400}\b(?:wrote|writes) ?:",
        r"Am\b.{1,400}\b(?:schrieb|schreibt)\b.{0,200}:",
        r"Le\b.{1,400}\ba (?:écrit|ecrit) ?:",
        r"El\b.{1,400}\bescribi(?:ó|o)\b.{0,200}:",
        r"Ar\b.{1,400}\bysgrifennodd\b.{0,200}:",
        r"[^<>\s][^<>]{0,300}<[^<>\s]{1,200}@[^<>\s]{1,200}>[^<>]{0,100}:",
    )
]
NAME_WROTE = re.compile(
    r"(?:[^\W\d_a-zß-ÿ][\w.'’-]*,? ){1,5}(?:wrote|schrieb|a écrit|escribió|ysgrifennodd) ?:"
)  # "Ffion Marsh wrote:", and not "I liked what you wrote:"

SENT_FROM = re.compile(
    r"(?:sent from (?:my|mail for|outlook for|yahoo|samsung|the all-new)\b|get outlook for\b|"
    r"von meine[mr] .{1,60} gesendet|gesendet (?:von meine[mr]|mit der|von (?:mail|outlook) für)\b|"
    r"(?:holen sie sich )?outlook für .{1,40}|"
    r"envoyé (?:de|depuis) (?:mon|ma)\b|envoyé à partir de\b|(?:télécharger|obtenir|obtenez) outlook pour\b|"
    r"enviado (?:desde|de) mi\b|(?:obtener|descargar|obtenga) outlook para\b|"
    r"anfonwyd (?:o(?:['’]m| fy|ddi ar fy)|gan fy)\b|(?:cael|lawrlwytho) outlook ar gyfer\b).{0,200}",
    re.IGNORECASE,
)

# What a server puts above the words of mail from outside.
BANNER = re.compile(
    r"[\W_]*(?:"
    r"(?:caution|warning|attention|external|externe?|extern|achtung|vorsicht|warnung|avertissement|prudence|"
    r"précaution|precaución|advertencia|atención|aviso|externo|rhybudd|gofal|allanol)\b"
    r"[\W_]{0,6}(?:(?:external|externe?r?|this|the|do not|don['’]t|diese|die|dies|ce|cet|cette|le|el|este|esta|"
    r"daeth|mae|originated|e-?mail|mail|sender|message|nachricht|courriel|correo|mensaje|neges|from outside)\b.*|)$|"
    r"(?-i:CAUTION|EXTERNAL|WARNING|ATTENTION|ACHTUNG|VORSICHT|WARNUNG|EXTERNE?|PRECAUCIÓN|ATENCIÓN|AVISO|RHYBUDD)"
    r"(?: E-?MAIL| MAIL)?[\s\])*_]*[:!–-]|"
    r"\[?external(?: e-?mail| sender| message)?\]?[\W_]*$|"
    r"(?:(?:some people who received )?this (?:e-?mail|message|mail)|the (?:e-?mail|message) below|"
    r"this (?:e-?mail )?sender)\b"
    r".{0,60}\b(?:(?:from|by)\b.{0,30}\b(?:outside|external)|(?:don['’]t|do not) often get)\b|"
    r"(?:you|some people(?: who received this message)?) (?:don['’]t|do not) often get e-?mail|"
    r"sie (?:erhalten|bekommen) nicht (?:oft|häufig) .{0,20}(?:e-?mail|nachricht)|"
    r"(?:einige|manche) personen.{0,60}nicht (?:oft|häufig)|"
    r"vous (?:n['’]obtenez|ne recevez) pas souvent|certaines personnes .{0,60}pas souvent|"
    r"no (?:suele|sueles) recibir|algunas personas .{0,60}no suelen|"
    r"(?:dych chi ddim|nid ydych|dydych chi ddim) .{0,20}yn aml|"
    r"(?:diese (?:e-?mail|nachricht|mail))\b.{0,60}\b(?:außerhalb|extern)|"
    r"(?:ce (?:message|courriel|mail)|cet e-?mail)\b.{0,60}\b(?:extérieur|externe|en dehors)|"
    r"est[ea] (?:mensaje|correo|e-?mail)\b.{0,60}\b(?:fuera|extern[oa])|"
    r"(?:daeth|mae)(?:['’]r| y)? (?:neges|e-?bost)\b.{0,60}\b(?:tu allan|allanol))",
    re.IGNORECASE,
)
# The lines that go on with it.
MORE_OF_A_BANNER = re.compile(
    r"\b(?:click|links?|attachments?|senders?|recogni[sz]e|content is safe|learn why|links? or open|organi[sz]ation|"
    r"anhänge?|absenders?|klicken|öffnen|liens?|pièces? jointes?|expéditeur|cliquez|enlaces?|adjuntos?|remitente|"
    r"dolen(?:ni|nau)?|atodiadau|anfonwr|outside|aka\.|https?://)",
    re.IGNORECASE,
)

# What the subject of an automatic answer begins with.
AUTOMATIC_SUBJECT = re.compile(
    r"\s*\W?(?:"
    r"(?:automatic (?:reply|response|answer)|auto(?:matic)?[- ]?(?:reply|response)|auto[- ]?responder|"
    r"(?:ateb|ymateb|neges) awtomatig|"
    r"automatische (?:antwort|rückantwort|abwesenheitsnotiz)|abwesenheits(?:notiz|nachricht|meldung)|"
    r"r[ée]ponse (?:automatique|d['’]absence)|message (?:automatique|d['’]absence)|notification d['’]absence|"
    r"respuesta (?:autom[áa]tica|de ausencia)|mensaje autom[áa]tico|aviso de ausencia)\s*(?:[:：\]]|$)|"
    r"(?:ooo|out[ -]of[ -](?:the )?office(?: (?:auto[- ]?reply|reply|message|notification))?|"
    r"away from (?:the |my )?office|"
    r"(?:allan|i ffwrdd) o['’]r swyddfa|au[sß]{1,2}er haus|nicht im büro|"
    r"absen(?:ce|te?) du bureau|fuera de (?:la )?oficina)\s*[:：\]])",
    re.IGNORECASE,
)
