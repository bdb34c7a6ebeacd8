"""What a file would change in a person one has: pure, so that a look beforehand and the change itself say the same.

Three things are compared: what is here (``mine``), what the file says (``theirs``), and what the file before it said
(``base``), if there was one. What the user wrote wins, unless they let the file win; what only repeats the last file is
not theirs, so the new file may change it. Nothing is ever taken away.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from portfolio.contact_imports.matching import bare_name
from portfolio.contact_imports.said import LONGEST_NOTES, Said
from portfolio.models import ContactImport, Person
from portfolio.text.normalise import fold

Rule = ContactImport.Rule
FIELDS = ("name", "headline", "organisation", "notes")
LISTS = ("emails", "phones", "links", "tags")
LABELS = {
    "name": "Name",
    "headline": "What they do",
    "organisation": "Organisation",
    "notes": "Notes",
    "emails": "E-mail address",
    "phones": "Telephone",
    "links": "Link",
    "tags": "Tag",
    "gone": "No longer in the file",
}


class Change(NamedTuple):
    """``rule``: "merge" if either rule makes it, "overwrite" if only that one does, "" if it is only said.

    For a list, ``mine`` is empty and ``theirs`` has what comes to it.
    """

    field: str
    mine: str
    theirs: str | list[str]
    rule: str

    @property
    def label(self) -> str:
        return LABELS[self.field]

    @property
    def new(self) -> str:
        return self.theirs if isinstance(self.theirs, str) else ", ".join(self.theirs)


def what_is_here(person: Person) -> Said:
    """The person in the same shape; its addresses, numbers, links and tags should be prefetched."""
    return Said(
        name=person.name,
        headline=person.headline,
        organisation=person.organisation,
        notes=person.notes,
        emails=[row.address for row in person.emails.all()],
        phones=[row.number for row in person.phones.all()],
        links=[row.url for row in person.links.all()],
        tags=[row.name for row in person.tags.all()],
    )


def changes(mine: Said, theirs: Said, base: Said | None) -> list[Change]:
    found = [change for field in FIELDS if (change := _of_field(field, mine, theirs, base))]
    found += [
        Change(name, "", new, Rule.MERGE) for name in LISTS if (new := _without(_list(theirs, name), _list(mine, name)))
    ]
    if base:
        gone = [
            one
            for name in ("emails", "phones", "links")
            for one in _without(_list(base, name), _list(theirs, name))
            if not _without([one], _list(mine, name))
        ]
        if gone:
            found.append(Change("gone", "", gone, ""))
    return found


def kept_by(rule: str, found: list[Change]) -> list[Change]:
    """The changes that this rule makes."""
    if rule == Rule.SKIP:
        return []
    return [change for change in found if change.rule == Rule.MERGE or change.rule == rule]


def new_post(theirs: Said, base: Said | None) -> dict[str, str] | None:
    """What they did and do, where, if that is another thing than in the file before; else None."""
    if base is None or not (theirs.get("headline") or theirs.get("organisation")):
        return None
    if all(fold(str(theirs.get(name, ""))) == fold(str(base.get(name, ""))) for name in ("headline", "organisation")):
        return None
    return {
        "headline": theirs.get("headline", ""),
        "organisation": theirs.get("organisation", ""),
        "headline_before": base.get("headline", ""),
        "organisation_before": base.get("organisation", ""),
    }


def _of_field(field: str, mine: Said, theirs: Said, base: Said | None) -> Change | None:
    here, there = _text(mine, field), _text(theirs, field)
    if not there or _alike(field, here, there):
        return None
    if field == "notes":
        return _of_notes(here, there, base)
    if field == "name":
        return Change(field, here, there, Rule.OVERWRITE)
    as_the_last_file = base is not None and here == _text(base, field)
    return Change(field, here, there, Rule.MERGE if not here or as_the_last_file else Rule.OVERWRITE)


def _of_notes(here: str, there: str, base: Said | None) -> Change | None:
    """Notes are joined, never replaced, unless they are those of the last file."""
    if base is not None and here == _text(base, "notes"):
        return Change("notes", here, there, Rule.MERGE)
    if there in here or (base is not None and there == _text(base, "notes")):
        return None
    joined = f"{here}\n\n{there}" if here else there
    return Change("notes", here, joined, Rule.MERGE) if len(joined) <= LONGEST_NOTES else None


def _alike(field: str, here: str, there: str) -> bool:
    if field == "notes":
        return here == there
    return bare_name(here) == bare_name(there) if field == "name" else fold(here) == fold(there)


def _text(said: Said, name: str) -> str:
    return str(said.get(name, ""))


def _list(said: Said, name: str) -> list[str]:
    found: Any = said.get(name, [])
    return list(found)


def _without(texts: list[str], others: list[str]) -> list[str]:
    there = {text.casefold().rstrip("/") for text in others}
    return [text for text in texts if text.casefold().rstrip("/") not in there]
