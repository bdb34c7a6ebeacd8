"""Whom of the user's people an entry of a file means: by address, then by LinkedIn profile.

By name and organisation only as a suggestion, which the user decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db.models.functions import Lower
from rapidfuzz import fuzz

from portfolio.contact_imports.said import Said
from portfolio.models import Person, PersonEmail, PersonLink
from portfolio.models.people import profile_in
from portfolio.people.references import batches
from portfolio.text.normalise import fold, sort_key, words_of

ADDRESS, PROFILE, NAME, NAMESAKE = "address", "profile", "name", "namesake"
_TITLES = {"dr", "prof", "professor", "sir", "dame", "mr", "mrs", "ms", "mx", "miss"}
# The same name misspelt scores above, a sister's name ("Anna Smith", "Anne Smith": 90) below.
ALIKE = 93
MOST_COLLEAGUES = 300  # of one organisation whose names are compared one by one


class Match(NamedTuple):
    person: int
    how: str

    @property
    def is_certain(self) -> bool:
        return self.how in (ADDRESS, PROFILE)


def bare_name(name: str) -> str:
    """Folded, without titles and punctuation: "Dr. Bob  Brook" is "bob brook"."""
    words = [word for word in words_of(name) if word not in _TITLES]
    return " ".join(words) or fold(name)


def certain_keys(said: Said) -> list[str]:
    addresses = [f"a:{address.lower()}" for address in said.get("emails", [])]
    profiles = dict.fromkeys(profile for url in said.get("links", []) if (profile := profile_in(url)))
    return [*addresses, *(f"p:{profile}" for profile in profiles)]


def name_key(said: Said) -> str:
    return f"n:{bare_name(said.get('name', ''))}|{fold(said.get('organisation', ''))}"[:300]


def certain_matches(owner_id: int, several: Sequence[Said]) -> list[Match | None]:
    """The person with one of the addresses, else with one of the profiles, of each. At most two queries per 200."""
    by_key: dict[str, Match] = {}
    keys = {key for said in several for key in certain_keys(said)}
    for some in batches(sorted(key[2:] for key in keys if key.startswith("a:")), 200):
        rows = PersonEmail.objects.filter(owner=owner_id).annotate(low=Lower("address")).filter(low__in=some)
        for person, low in rows.order_by("-person").values_list("person", "low"):
            by_key[f"a:{low}"] = Match(person, ADDRESS)
    for some in batches(sorted(key[2:] for key in keys if key.startswith("p:")), 200):
        links = PersonLink.objects.filter(owner=owner_id, profile__in=some)
        for person, profile in links.order_by("-person").values_list("person", "profile"):
            by_key[f"p:{profile}"] = Match(person, PROFILE)
    return [next((by_key[key] for key in certain_keys(said) if key in by_key), None) for said in several]


def likely_matches(owner_id: int, several: Sequence[Said], *, spelling: bool = True) -> list[Match | None]:
    """Somebody of the same name (titles aside) and organisation, or with none on either side.

    With ``spelling``, also somebody in the same organisation whose name differs by a slip. Somebody of the same name in
    another organisation is only mentioned (``NAMESAKE``).
    """
    namesakes = _namesakes(owner_id, several)
    colleagues = _colleagues(owner_id, several) if spelling else {}
    return [_likely(said, namesakes, colleagues) for said in several]


class _Known(NamedTuple):
    person: int
    name: str
    organisation: str


def _likely(said: Said, namesakes: dict[str, list[_Known]], colleagues: dict[bytes, list[_Known]]) -> Match | None:
    name, organisation = bare_name(said.get("name", "")), fold(said.get("organisation", ""))
    same = namesakes.get(name, [])
    for one in same:
        if one.organisation == organisation:
            return Match(one.person, NAME)
    for one in same:
        if not one.organisation or not organisation or fuzz.token_set_ratio(one.organisation, organisation) >= ALIKE:
            return Match(one.person, NAME)
    for one in colleagues.get(sort_key(said.get("organisation", "")), []):
        if fuzz.token_sort_ratio(one.name, name) >= ALIKE:
            return Match(one.person, NAME)
    return Match(same[0].person, NAMESAKE) if same else None


def _namesakes(owner_id: int, several: Iterable[Said]) -> dict[str, list[_Known]]:
    found: dict[str, list[_Known]] = defaultdict(list)
    bare = {bare_name(said.get("name", "")) for said in several}
    titled = {sort_key(f"{title}{name}") for name in bare for title in ("", "dr ", "prof ", "professor ", "prof dr ")}
    for known in _people(owner_id, name_key__in=titled):
        found[known.name].append(known)
    return found


def _colleagues(owner_id: int, several: Iterable[Said]) -> dict[bytes, list[_Known]]:
    found: dict[bytes, list[_Known]] = defaultdict(list)
    keys = {sort_key(organisation) for said in several if (organisation := said.get("organisation"))}
    for known in _people(owner_id, organisation_key__in=keys):
        found[sort_key(known.organisation)].append(known)
    return {key: people for key, people in found.items() if len(people) <= MOST_COLLEAGUES}


def _people(owner_id: int, **lookup: Collection[bytes]) -> list[_Known]:
    ((name, keys),) = lookup.items()
    people = []
    for some in batches(sorted(keys), 400):
        rows = Person.objects.filter(owner=owner_id, **{name: some}).order_by("pk")
        people += [
            _Known(pk, bare_name(called), fold(organisation))
            for pk, called, organisation in rows.values_list("pk", "name", "organisation")
        ]
    return people
