"""The list of people that is downloaded as a spreadsheet, read again."""

from __future__ import annotations

from accounts.models import User
from portfolio.models import PersonPhone
from portfolio.spreadsheets import PEOPLE
from tests.factories import make_person
from tests.portfolio.contact_files.reading import read_bytes


def test_our_own_list_reads_back_what_was_disarmed(alice: User) -> None:
    person = make_person(alice, "Ann Abe", headline="-30- editor", organisation="=1+1", notes="+ and -\n@home")
    for position, number in enumerate(["+44 7700 900002", "+44 7700 900003"]):
        PersonPhone.objects.create(owner=alice, person=person, number=number, position=position)
    _, people, problems = read_bytes("".join(PEOPLE.lines([person], alice)))
    assert problems == []
    assert people == [
        {
            "name": "Ann Abe",
            "organisation": "=1+1",
            "title": "-30- editor",
            "phones": ["+44 7700 900002", "+44 7700 900003"],
            "notes": "+ and -\n@home",
        }
    ]
