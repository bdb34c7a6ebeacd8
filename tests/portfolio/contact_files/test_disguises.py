"""What is no list of people, whatever it is called: told by its content, and with what to do."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from portfolio.contact_files.reading import read
from tests.portfolio.contact_files.reading import card, names, read_bytes
from tests.portfolio.contact_files.test_zips import CONNECTIONS, zip_of

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000") + b"\x1f\x15\xc4\x89" * 50
OTHER_THINGS = {
    "a PNG": (PNG, "isn’t text"),
    "a JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(range(256)) * 20, "isn’t text"),
    "a program": (b"\x7fELF\2\1\1" + b"\0" * 9 + bytes(range(256)) * 20, "isn’t text"),
    "a program with a sentence in it": (b"MZ" + b"\0" * 80 + b"This program cannot be run in DOS mode.", "isn’t text"),
    "a database": (b"SQLite format 3\0" + b"\x10\0\1\1\0@  \0" * 50, "isn’t text"),
    "a gzip": (b"\x1f\x8b\x08\0" + bytes(range(256)), "isn’t text"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\n", "a page or a document"),
    "a PDF after a BOM": (b"\xef\xbb\xbf%PDF-1.7\nAnn Lee\n", "a page or a document"),
    "a Word document": (zip_of({"[Content_Types].xml": "<x/>", "word/document.xml": "<w/>"}), "save the list as CSV"),
    "a spreadsheet": (zip_of({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<w/>"}), "save the list as CSV"),
    "an older one": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + b"Ann Lee", "save the list as CSV"),
    "RTF": (rb"{\rtf1\ansi Ann Lee\par Bob}", "a page or a document"),
    "HTML": (b"<!DOCTYPE html><html><body>Ann Lee</body></html>", "a page or a document"),
    "a piece of HTML": (b"\n <div class='a'>Ann Lee</div>", "a page or a document"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "a page or a document"),
    "XML": (b"<?xml version='1.0'?><contacts/>", "a page or a document"),
    "PHP": (b"<?php echo 1; ?>", "a page or a document"),
    "JSON": (b'[{"name": "Ann"}]', "a page or a document"),
    "a list in JSON": (b'["Ann", "Bob"]', "a page or a document"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "a page or a document"),
    "an email": (b"From: Ann <a@example.org>\nTo: b@example.org,\n c@example.org\nSubject: x\n\nHi\n", "an email"),
    "LDIF": (b"version: 1\n\ndn: cn=Ann Lee\ncn: Ann Lee\nmail: ann@example.org\n", "LDIF"),
    "a calendar": (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Ann\r\nEND:VEVENT\r\n", "a calendar"),
    "a calendar in UTF-16": ("BEGIN:VCALENDAR\nEND:VCALENDAR\n".encode("utf-16"), "a calendar"),
    "a calendar with a card in it": (f"BEGIN:VCALENDAR\n{card('FN:Ann')}END:VCALENDAR\n".encode(), "a calendar"),
    "ten thousand columns": ((",".join(f"c{n}" for n in range(10_000)) + "\n").encode(), "what each column holds"),
    "nothing": (b"", "the file is empty"),
    "a BOM": (b"\xff\xfe", "the file is empty"),
    "NUL bytes": (b"\0" * 1_000, "the file is empty"),
    "blank lines": (b"\r\n \t\r\n" * 300, "the file is empty"),
}


def told(data: bytes) -> tuple[str, list[tuple[int, str]]]:
    reading = read(io.BytesIO(data))
    entries = list(reading.entries)
    assert not any(entry.contact for entry in entries)
    return reading.kind, [tuple(problem) for entry in entries for problem in entry.problems]


@pytest.mark.parametrize("what", OTHER_THINGS)
def test_a_wrong_type_with_the_right_ending_is_refused(what: str) -> None:
    data, words = OTHER_THINGS[what]
    kind, [(line, about)] = told(data)
    assert (kind, line) == ("unknown", 1)
    assert words in about


@pytest.mark.parametrize("what", OTHER_THINGS)
def test_nor_does_it_get_in_as_linkedins_file(what: str) -> None:
    data, _ = OTHER_THINGS[what]
    kind, [(line, about)] = told(zip_of({"Connections.csv": data}))
    assert (kind, line) == ("unknown", 1)
    assert about


@pytest.mark.parametrize(
    ("data", "people"),
    [
        ("From: Ann\nTo: Bob\nSubject: x\n\n" + card("FN:Cal"), ["Cal"]),
        ("<ann@example.org>\n<bob@example.org>\n", ["ann@example.org", "bob@example.org"]),
        ("<b>Ann Lee</b>\n", ["<b>Ann Lee</b>"]),
        ("Ann Lee\nMZ Top\nPK Dick\n", ["Ann Lee", "MZ Top", "PK Dick"]),
        (card("FN:Ann") + "BEGIN:VCALENDAR\r\nSUMMARY:x\r\nEND:VCALENDAR\r\n", ["Ann"]),
        ("\0N\0ame,Em\0ail\0\0\nA\0nn,\0a@example.org\n\0", ["Ann"]),
        ("Name,Email\nAnn,a@example.org\n".encode("utf-16-le").decode("latin-1"), ["Ann"]),
    ],
)
def test_people_are_found_in_what_only_looks_like_it(data: str, people: list[str]) -> None:
    assert names(data) == people


# --- Zips ---------------------------------------------------------------------------------------------


def changed(data: bytes, at: int, value: int) -> bytes:
    """The zip with another number of four bytes at this place of its last entry."""
    whole = bytearray(data)
    start = whole.rfind(b"PK\1\2") + at
    whole[start : start + 4] = struct.pack("<L", value)
    return bytes(whole)


PACKED = zip_of({"Connections.csv": CONNECTIONS * 100})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zip_of({"Connections.csv": zip_of({"Connections.csv": b"0" * 50_000_000})}), "a zip inside of the zip"),
        (zip_of({"contacts.vcf": card("FN:Ann")}), "without Connections.csv"),
        (zip_of({}), "without Connections.csv"),
        (zip_of({f"{n}.csv": "" for n in range(3_000)}), "without Connections.csv"),
        (changed(PACKED, 24, 0xFFFFFFFF), "larger than 100 MB"),
        (changed(PACKED, 42, 50), "a broken zip"),  # begins somewhere else
        (b"PK\3\4" + bytes(range(256)), "a broken zip"),
        (PACKED[:-30], "a broken zip"),
    ],
)
def test_a_zip_that_is_none_of_linkedins_says_what_to_do(data: bytes, words: str) -> None:
    kind, [(line, about)] = told(data)
    assert (kind, line) == ("unknown", 1)
    assert words in about


@pytest.mark.parametrize("data", [changed(PACKED, 24, 99_999_999), changed(PACKED, 20, 99_999_999)])
def test_a_zip_that_lies_about_its_sizes_gives_no_more_than_it_has(data: bytes) -> None:
    kind, people, problems = read_bytes(data)
    assert kind == "linkedin"
    assert (len(people), problems) == (100, [])


def test_members_that_overlap_are_read_once() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Connections.csv", CONNECTIONS)
        archive.writestr("Connections.csv.", CONNECTIONS)
    assert names(changed(held.getvalue(), 42, 0)) == ["Gwen Abara"]


@pytest.mark.parametrize("name", ["../../Connections.csv", "/etc/Connections.csv", "C:\\Connections.csv"])
def test_a_path_in_a_zip_leads_nowhere(name: str) -> None:
    assert names(zip_of({name: CONNECTIONS})) == ["Gwen Abara"]
