"""Birthdays and postal addresses: only where they are asked for."""

from __future__ import annotations

import io
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from portfolio.contact_files.contact import Contact
from portfolio.contact_files.reading import read
from tests.portfolio.contact_files.reading import card


def contact_in(data: str, *, more: bool = True) -> Contact:
    (entry,) = read(io.BytesIO(data.encode()), more=more).entries
    assert entry.contact
    assert entry.problems == ()
    return entry.contact


GOOGLE = (
    "First Name,Birthday,E-mail 1 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,"
    "Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 2 - Street,"
    "Address 2 - City\n"
    'Ann,1980-05-17,,Home,"1 Mill Lane\nYork\nYO1 1AA\nUK",1 Mill Lane,York,,,YO1 1AA,UK,2 High Street,Leeds\n'
)
OUTLOOK = (
    "First Name,Business Street,Business Street 2,Business City,Business State,Business Postal Code,"
    "Business Country/Region,Home Street,Home City,Other Street,Birthday,Anniversary,E-mail Address,Web Page\n"
    'Ann,"1 Mill Lane\r\nFloor 2",Room 3,York,Yorks,YO1 1AA,UK,2 High Street,Leeds,,5/17/1980,6/1/2004,,\n'
)
GERMAN = (
    "Vorname;Straße geschäftlich;Ort geschäftlich;Region geschäftlich;Postleitzahl geschäftlich;"
    "Land/Region geschäftlich;Straße privat;Ort privat;Weitere Straße;Weiterer Ort;Geburtstag;Jahrestag;"
    "E-Mail-Adresse;Webseite\nAnn;Mühlweg 1;Köln;;50667;DE;Am Hang 2;Bonn;Hof 3;Ulm;17.5.1980;1.6.2004;;\n"
)
FRENCH = (
    "Prénom;Nom;Rue (bureau);Ville (bureau);Dép/Région (bureau);Code postal (bureau);Pays/Région (bureau);"
    "Rue (domicile);Ville (domicile);Anniversaire;Adresse de messagerie;Page Web\n"
    "Ann;Lee;1 rue du Moulin;Lyon;;69001;FR;2 quai Est;Paris;17/05/1980;;\n"
)
CARD = card(
    "FN:Ann",
    "BDAY:19800517",
    "ADR;TYPE=WORK:;Floor 2;1 Mill\\, Lane;York;;YO1 1AA;UK",
    "ADR;TYPE=HOME:;;2 High\\nStreet;Leeds;;;",
    "ADR:;;;;;;",
)


@pytest.mark.parametrize(
    ("data", "birthday", "postal"),
    [
        (GOOGLE, "1980-05-17", ("1 Mill Lane, York, YO1 1AA, UK", "2 High Street, Leeds")),
        (OUTLOOK, "5/17/1980", ("1 Mill Lane, Floor 2, Room 3, York, Yorks, YO1 1AA, UK", "2 High Street, Leeds")),
        (GERMAN, "1980-05-17", ("Mühlweg 1, Köln, 50667, DE", "Am Hang 2, Bonn", "Hof 3, Ulm")),
        (FRENCH, "17/05/1980", ("1 rue du Moulin, Lyon, 69001, FR", "2 quai Est, Paris")),
        (CARD, "1980-05-17", ("Floor 2, 1 Mill, Lane, York, YO1 1AA, UK", "2 High, Street, Leeds")),
    ],
)
def test_they_are_read_where_asked_for_and_nowhere_else(data: str, birthday: str, postal: tuple[str, ...]) -> None:
    found = contact_in(data)
    assert (found.birthday, found.postal) == (birthday, postal)
    found = contact_in(data, more=False)
    assert (found.birthday, found.postal) == ("", ())


@pytest.mark.parametrize(
    ("written", "birthday"),
    [
        ("1980-05-17", "1980-05-17"),
        ("1980-05-17T00:00:00Z", "1980-05-17"),
        ("--05-17", "--05-17"),
        ("--0517", "--05-17"),
        ("1604-02-29", "--02-29"),
        ("7.5.1980", "1980-05-07"),
        ("17/05/1980", "17/05/1980"),
        ("17 May", "17 May"),
        ("1980-13-17", ""),
        ("0/0/00", ""),
        ("0.0.00", ""),
        ("unknown", ""),
        ("1" * 500, "1" * 40),
    ],
)
def test_birthdays(written: str, birthday: str) -> None:
    assert contact_in(card("FN:Ann", f"BDAY:{written}")).birthday == birthday
    assert contact_in(f"Name,Birthday\nAnn,{written}\n").birthday == birthday


def test_a_birthday_in_words_and_in_the_oldest_cards() -> None:
    assert contact_in(card("FN:Ann", "BDAY;VALUE=text:circa 1800", version="4.0")).birthday == "circa 1800"
    lines = ["FN:Ann", "ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;M=C3=BChlweg=0D=0A1;K=C3=B6ln;;;"]
    assert contact_in(card(*lines, version="2.1")).postal == ("Mühlweg, 1, Köln",)


def test_an_address_is_one_line_once_and_not_endless() -> None:
    found = contact_in(card("FN:Ann", *["ADR:;;a  b,;c;;;"] * 2, "ADR:" + "x" * 999, "ADR:;;-;;;;")).postal
    assert found == ("a b, c", "x" * 300)


def test_they_alone_are_nobody() -> None:
    data = card("BDAY:1980-05-17", "ADR:;;1 Mill Lane;York;;;")
    assert list(read(io.BytesIO(data.encode()), more=True).entries) == []


def test_the_command_never_prints_them(tmp_path: Path) -> None:
    file, out = tmp_path / "a.vcf", StringIO()
    file.write_text(CARD, encoding="utf-8")
    call_command("contacts", "read", str(file), stdout=out)
    assert not {"birthday", "postal"} & set(json.loads(out.getvalue())["people"][0])
    assert "1980" not in out.getvalue()
