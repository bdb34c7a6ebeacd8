"""Bytes, lines and kinds: encodings, what is invisible, how lines are counted, what a file is."""

from __future__ import annotations

import pytest

from portfolio.contact_files.decoding import split_lines
from tests.portfolio.contact_files.reading import card, names, read_bytes

TABLE = "Name,Email\nZoë Müller,zoe@example.org\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("text", [TABLE, card("FN:Zoë Müller"), "Zoë Müller <zoe@example.org>\n"])
def test_an_encoding_is_told_by_the_bytes(text: str, encoding: str) -> None:
    if encoding in {"utf-16-le", "utf-16-be"}:
        text = "\ufeff" + text
    assert names(text.encode(encoding)) == ["Zoë Müller"]


def test_one_byte_that_is_not_utf8_makes_the_whole_file_windows_1252() -> None:
    data = TABLE.encode("cp1252") + "Jürgen,j@example.org\n".encode()
    assert names(data) == ["Zoë Müller", "JÃ¼rgen"]


def test_a_bom_decides_even_if_the_rest_is_not_utf8() -> None:
    assert names("\ufeff".encode() + TABLE.encode() + b"J\xfcrgen,j@example.org\n") == ["Zoë Müller", "J\ufffdrgen"]


def test_half_a_character_at_the_end_of_utf16() -> None:
    assert names(TABLE.encode("utf-16") + b"x") == ["Zoë Müller"]


def test_a_fold_may_fall_inside_of_a_character() -> None:
    data = card("FN:Zoë Müller").encode().replace("ü".encode(), b"\xc3\r\n \xbc").replace("ë".encode(), b"\xc3\n\t\xab")
    assert names(data) == ["Zoë Müller"]


@pytest.mark.parametrize("unseen", "\0\u200b\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_what_nobody_sees_is_removed(unseen: str) -> None:
    assert names(f"{unseen}Name,{unseen}Email\n{unseen}An{unseen}ne,anne@example.org\n") == ["Anne"]
    assert names(f"{unseen}BEGIN:VCARD\nFN:An{unseen}ne\nEN{unseen}D:VCARD\n") == ["Anne"]
    assert names(f"{unseen}An{unseen}ne <{unseen}anne@example.org>") == ["Anne"]


def test_emoji_and_persian_keep_their_joiners() -> None:
    assert names("Name\n👩‍⚕️ Nia\nمی‌رود\n") == ["👩‍⚕️ Nia", "می‌رود"]


def test_text_is_nfc() -> None:
    assert names("Name\nZoe\u0308\n") == ["Zoë"]
    assert names(card("FN:Zoe\u0308")) == ["Zoë"]
    assert names("Zoe\u0308\n") == ["Zoë"]
    assert names(card("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zoe=CC=88", version="2.1")) == ["Zoë"]


def test_a_greek_question_mark_separates_nothing() -> None:
    assert names("Name;Email\nAnn\u037eLee;ann@example.org\n") == ["Ann;Lee"]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_every_line_end_counts_once(end: str) -> None:
    lines = ["Name,Email", "", "Ann,a@@b", '"Bob', 'Brook",x@@y', "Cal,z@@z", ""]
    assert read_bytes(end.join(lines))[2] == [3, 4, 6]


def test_mixed_line_ends() -> None:
    assert read_bytes("Name,Email\r\rAnn,a@@b\n\r\nBob,x@@y\r\nCal,z@@z")[2] == [3, 5, 6]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_lines_are_the_same_however_they_arrive(size: int) -> None:
    data = b"a\r\nb\rc\n\n\r\r\nd\r"
    assert list(split_lines(data[at : at + size] for at in range(0, len(data), size))) == [
        *(b"a", b"b", b"c", b"", b"", b"", b"d"),
    ]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"First Name,Last Name,Connected On\nA,B,1 Feb 2024\n", "linkedin"),
        (b"Notes:\n\nFirst Name,Last Name,Connected On\nA,B,1 Feb 2024\n", "linkedin"),
        (b"Name,E-mail 1 - Value\nA,a@example.org\n", "google"),
        (b"Name,Group Membership\nA,\n", "google"),
        (b"Name,Labels\nA,\n", "google"),
        (b"First Name,E-mail Address,Web Page\nA,,\n", "outlook"),
        (b"First Name,E-mail Address,Categories\nA,,\n", "outlook"),
        (b"Vorname;E-Mail-Adresse;Webseite\nA;;\n", "outlook"),
        (b"Vorname;E-Mail-Adresse;Kategorien\nA;;\n", "outlook"),
        ("Prénom;Adresse de messagerie;Page Web\nA;;\n".encode(), "outlook"),
        ("Prénom;Adresse de messagerie;Catégories\nA;;\n".encode("cp1252"), "outlook"),
        (b"First Name,E-mail Address\nA,\n", "csv"),
        (b"NAME\tMAIL\nA\t\n", "csv"),
        (b"E-mail\na@example.org\n", "csv"),
        (card("FN:A").encode(), "vcard"),
        (card("FN:A").lower().encode(), "vcard"),
        (b"A <a@example.org>", "text"),
        (b"", "unknown"),
        (b"\xef\xbb\xbf \r\n\0", "unknown"),
        (b"Product,Price,Stock,Colour\nTea,3,4,red\n", "unknown"),
        (b"<!DOCTYPE html><html><body>Ann Lee</body></html>", "unknown"),
        (b'{"name": "Ann"}', "unknown"),
        (b"%PDF-1.7\nAnn Lee\n", "unknown"),
        (bytes(range(256)) * 9, "unknown"),
        (b"BEGIN:VCALENDAR\nBEGIN:VCARD\nFN:A\nEND:VCARD\nEND:VCALENDAR\n", "unknown"),
    ],
)
def test_the_kind_is_told_by_the_content(data: bytes, kind: str) -> None:
    found, people, problems = read_bytes(data)
    assert (found, len(people), problems) == ((kind, 0, [1]) if kind == "unknown" else (kind, 1, []))


def test_a_file_that_only_has_blank_lines_is_empty() -> None:
    assert read_bytes("\n \n\u3000\n") == ("unknown", [], [1])
