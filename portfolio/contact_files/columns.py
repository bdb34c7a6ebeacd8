"""Tells by a table's header whose export it is and what stands in which column.

Headers are folded: small letters without accents. The columns of one service are known by name; what a table of
somebody's own may call the same is known, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from portfolio.text.normalise import fold

Kind = Literal["linkedin", "google", "outlook", "vcard", "csv", "text", "unknown"]
Field = Literal[
    "full",
    "prefix",
    "given",
    "middle",
    "family",
    "organisation",
    "title",
    "notes",
    "tags",
    "url",
    "phone",
    "phone label",
    "email",
    "email type",
    "email label",
    "email display",
    "connected_on",
    "birthday",
    "postal",
    "postal part",
]

# What a column is in every kind of table.
_NAMES: dict[str, Field] = {
    **dict.fromkeys(
        ["name", "full name", "fullname", "display name", "contact name", "nom complet", "vollstandiger name"], "full"
    ),
    **dict.fromkeys(["name prefix", "prefix", "anrede", "civilite", "salutation", "courtesy title"], "prefix"),
    **dict.fromkeys(["first name", "firstname", "given name", "given names", "forename", "vorname", "prenom"], "given"),
    **dict.fromkeys(
        ["middle name", "middle names", "additional name", "weitere vornamen", "deuxieme prenom"], "middle"
    ),
    **dict.fromkeys(
        ["last name", "lastname", "family name", "surname", "nachname", "familienname", "nom de famille"], "family"
    ),
    **dict.fromkeys(["organisation", "organization", "organisation name", "organization name"], "organisation"),
    **dict.fromkeys(["company", "company name", "firma", "unternehmen", "societe", "entreprise"], "organisation"),
    **dict.fromkeys(["organization title", "job title", "jobtitle", "position"], "title"),
    **dict.fromkeys(["notes", "note", "notizen", "remarques"], "notes"),
    **dict.fromkeys(["labels", "group membership", "categories", "kategorien"], "tags"),
    **dict.fromkeys(["url", "web page", "personal web page", "webseite", "page web", "website"], "url"),
}
# Words that are too vague to be trusted in the export of a service, which has many columns.
_OWN_NAMES: dict[str, Field] = {
    **dict.fromkeys(["contact", "person", "who", "names"], "full"),
    **dict.fromkeys(["first", "given"], "given"),
    **dict.fromkeys(["middle"], "middle"),
    **dict.fromkeys(["last", "family"], "family"),
    **dict.fromkeys(["employer", "institution", "affiliation", "workplace", "university", "where"], "organisation"),
    **dict.fromkeys(["arbeitgeber", "einrichtung", "employeur", "organisme", "org"], "organisation"),
    **dict.fromkeys(
        ["role", "job", "title", "occupation", "profession", "beruf", "funktion", "fonction", "poste"], "title"
    ),
    **dict.fromkeys(["comment", "comments", "remark", "remarks", "bemerkung", "bemerkungen", "commentaires"], "notes"),
    **dict.fromkeys(["tag", "tags", "label", "category", "group", "groups", "keywords", "schlagworter"], "tags"),
    **dict.fromkeys(
        ["web", "web site", "web address", "homepage", "home page", "blog", "profile", "profile url"], "url"
    ),
    **dict.fromkeys(["linkedin", "linkedin url", "linkedin profile", "site web", "link"], "url"),
}
_OUTLOOK_ADDRESS = {"e-mail address", "e-mail-adresse", "adresse de messagerie"}
_OUTLOOK_OTHERS = {"web page", "categories", "webseite", "kategorien", "page web"}

# Columns that come in numbers. The number joins an address with its type.
_NUMBERED_PATTERNS: list[tuple[str, Field]] = [
    (r"e-mail (?P<n>\d+) - value", "email"),
    (r"e-mail (?P<n>\d+) - (?:label|type)", "email label"),
    (r"phone (?P<n>\d+) - value", "phone"),
    (r"phone (?P<n>\d+) - (?:label|type)", "phone label"),
    (r"website (?P<n>\d+) - value", "url"),
    (r"organization (?P<n>\d+) - name", "organisation"),
    (r"organization (?P<n>\d+) - title", "title"),
    (r"e-mail(?: (?P<n>\d+))? address|e-mail-adresse(?: (?P<m>\d+))?|e-mail (?P<k>\d+): adresse", "email"),
    (r"adresse de messagerie(?: (?P<n>\d+))?", "email"),
    (r"e-mail(?: (?P<n>\d+))? type|e-mail-typ(?: (?P<m>\d+))?|e-mail (?P<k>\d+): typ", "email type"),
    (r"type de messagerie(?: (?P<n>\d+))?", "email type"),
    (r"e-mail(?: (?P<n>\d+))? display name|e-mail(?: (?P<m>\d+))?: angezeigter name", "email display"),
    (r"nom complet de l'adresse de messagerie(?: (?P<n>\d+))?", "email display"),
]
_NUMBERED = [(re.compile(pattern), field) for pattern, field in _NUMBERED_PATTERNS]
_EMAIL = re.compile(
    r"(?:\w+ ){0,2}(?:e ?mails?|mail|courriel)(?: ?address(?:es)?| ?adressen?)?"
    r"(?: (?:work|home|private|privat|business|personal|geschaftlich|dienstlich|pro(?:fessionnel)?|perso(?:nnel)?|other"
    r"|\d+)){0,2}"
    r"|adresses? (?:de messagerie|e ?mail|mail|electronique|courriel)"
)
_PHONE = re.compile(
    r"phone(?!t)|telefon|\bmobile?\b|\bcell(?:ular)?\b|\btel\b|\bhandy\b|\bportable\b|\bcallback\b|\bruckmeldung\b"
)
# Somebody else's number, a machine's, or what is only about a number or an address.
_NO_NUMBER = re.compile(r"fax|pager|telex|telecopie|radiomessagerie|funkruf|assist|\btype?\b|label")
_NO_EMAIL = re.compile(r"\b(?:no|send|direct|by|assistant)\b|assist")


# Read only where a user chose to keep it.
_BIRTHDAYS = {"birthday", "birth date", "date of birth", "geburtstag", "geburtsdatum", "anniversaire"}
_BIRTHDAYS |= {"date de naissance"}
_POSTAL_PATTERNS: list[tuple[str, Field]] = [
    (
        r"address (?P<n>\d+) - formatted|(?P<k>home|business|postal|other) address|(?P<m>anschrift|adresse postale)",
        "postal",
    ),
    (r"address (?P<n>\d+) - (?:street|extended address|city|po box|region|postal code|country)", "postal part"),
    (
        r"(?P<n>business|home|other) (?:(?:street|city|state|postal code|country|(?:address )?po box)(?: [23])?"
        r"|country/region)",
        "postal part",
    ),
    (
        r"(?:strasse|ort|region|bundesland/kanton|postleitzahl|land/region|land|postfach) (?P<n>geschaftlich|privat)"
        r"(?: [23])?",
        "postal part",
    ),
    (
        r"(?P<n>weitere)\S* (?:strasse|ort|region|bundesland/kanton|postleitzahl|land/region|land|postfach)(?: [23])?",
        "postal part",
    ),
    (
        r"(?:rue|ville|dep/region|region|departement|code postal|pays/region|pays|b\.?p\.?)"
        r" \(?(?P<n>bureau|domicile|autre)\)?(?: [23])?",
        "postal part",
    ),
]
_POSTAL = [(re.compile(pattern), field) for pattern, field in _POSTAL_PATTERNS]


class Column(NamedTuple):
    """``number`` joins an address or a telephone number with what other columns say about it."""

    at: int
    field: Field
    number: str = ""


def folded(cells: Sequence[str]) -> list[str]:
    return [fold(cell.replace("_", " ")) if len(cell) < 200 else "" for cell in cells]


def kind_of(header: Sequence[str]) -> Kind | None:
    """What table this folded header begins; None if it is no header."""
    names = set(header)
    if names >= {"first name", "last name", "connected on"}:
        return "linkedin"
    if names & {"e-mail 1 - value", "group membership", "labels"}:
        return "google"
    if names & _OUTLOOK_ADDRESS and names & _OUTLOOK_OTHERS:
        return "outlook"
    fields = {column.field for column in columns_of("csv", header)}
    return "csv" if fields & {"full", "given", "family", "email"} else None


def columns_of(kind: Kind, header: Sequence[str]) -> list[Column]:
    """The columns that are read, in the table's order."""
    columns: list[Column] = []
    for index, name in enumerate(header):
        if name and (column := _column(kind, index, name)):
            columns.append(column)
    return _languages(kind, header, columns)


def personal_columns(header: Sequence[str]) -> list[Column]:
    """The columns of birthdays and postal addresses; the number joins the parts of one address."""
    columns: list[Column] = []
    for index, name in enumerate(header):
        if name in _BIRTHDAYS:
            columns.append(Column(index, "birthday"))
        for pattern, field in _POSTAL:
            if found := pattern.fullmatch(name):
                columns.append(Column(index, field, next(filter(None, found.groups()), "")))
                break
    return columns


def _column(kind: Kind, index: int, name: str) -> Column | None:
    if kind == "linkedin" and name == "connected on":
        return Column(index, "connected_on")
    if kind == "outlook" and name in {"title", "titre"}:
        return Column(index, "prefix")
    for pattern, numbered in _NUMBERED:
        if found := pattern.fullmatch(name):
            return Column(index, numbered, next((group for group in found.groups() if group), "1"))
    field = _NAMES.get(name) or (_OWN_NAMES.get(name) if kind == "csv" else None)
    if not field and _EMAIL.fullmatch(" ".join(re.findall(r"\w+", name))) and not _NO_EMAIL.search(name):
        field = "email"
    if not field and _PHONE.search(name) and not _NO_NUMBER.search(name):
        field = "phone"
    return Column(index, field, f"column {index}") if field else None


def _languages(kind: Kind, header: Sequence[str], columns: list[Column]) -> list[Column]:
    """Names that mean one thing beside some columns and another beside others."""
    fields = {column.field for column in columns}
    is_given = "given" in fields
    changed = []
    titles = 0
    for index, name in enumerate(header):
        if name == "nom":
            columns.append(Column(index, "family" if is_given else "full"))
        elif name == "name" and is_given and "family" not in fields and "nom" not in header:
            changed.append(Column(index, "family"))  # Vorname; Name
        elif name == "titre":
            titles += 1
            if kind == "outlook":
                changed.append(Column(index, "prefix" if titles == 1 else "title"))
            else:
                columns.append(Column(index, "title"))
        elif name == "title" and kind == "csv" and {"job title", "jobtitle", "position", "role", "job"} & set(header):
            changed.append(Column(index, "prefix"))
    there = {column.at: column for column in [*columns, *changed]}
    return [there[index] for index in sorted(there)]
