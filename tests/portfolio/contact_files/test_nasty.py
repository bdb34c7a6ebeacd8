"""Nasty files, three or more for each rule of reading, with what must come out worked out by hand.

Also what fuzzing found (`make fuzz`), as small as it gets.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.portfolio.contact_files.fuzzing import holds
from tests.portfolio.contact_files.reading import card, read_bytes

Person = str | dict[str, Any]  # a name alone, or all that isn't empty
LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"


def check(data: str | bytes, kind: str, people: list[Person], problems: list[int]) -> None:
    found = read_bytes(data)
    assert (found[0], found[2]) == (kind, problems)
    assert len(found[1]) == len(people)
    assert [
        one["name"] if isinstance(wanted, str) else one for one, wanted in zip(found[1], people, strict=True)
    ] == people


def given(name: str, family: str, **more: Any) -> dict[str, Any]:
    return {"name": f"{name} {family}", "given": name, "family": family, **more}


# --- Bytes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "people", "problems"),
    [
        # One byte that is no UTF-8, in the last line or in another card, makes the whole file Windows-1252.
        ("Name\nZoë\n".encode() + b"J\xfcrgen\n", "csv", ["ZoÃ«", "Jürgen"], []),
        (card("FN:Zoë").encode() + card("FN:Jürgen").encode("cp1252"), "vcard", ["ZoÃ«", "Jürgen"], []),
        ("Zoë <z@example.org>\n".encode() + b"J\xfcrgen\n", "text", ["ZoÃ«", "Jürgen"], []),
        # A BOM decides, even before bytes that don't fit it.
        (b"\xef\xbb\xbfName\nJ\xfcrgen\n", "csv", ["J\ufffdrgen"], []),
        (card("FN:Zoë 李").encode("utf-16"), "vcard", ["Zoë 李"], []),
        ("Zoë; 李\n".encode("utf-16"), "text", ["Zoë", "李"], []),
        # CHARSET decides over quoted-printable bytes alone, also where it is wrong for the file.
        (
            card("FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=FCrgen") + card("FN;CHARSET=ISO-8859-1:Zoë"),
            "vcard",
            ["Jürgen", "Zoë"],
            [],
        ),
        # Marks that nobody sees, between letters, in headers and around commas.
        ("\u200bNa\0me\u200b,\ufeffE-mail\nA\u202en\u2066n,\u200ba@example.org\n", "csv", ["Ann"], []),
        (
            card("F\u200bN:A\0nn", "EMA\0IL:a@exam\u200bple.org"),
            "vcard",
            [{"name": "Ann", "emails": ["a@example.org"]}],
            [],
        ),
        ("A\u200bnn\0\u2069 <\u202aa@example.org\u202c>\n", "text", [{"name": "Ann", "emails": ["a@example.org"]}], []),
        # Text that is put together of letters and accents, also in tags and addresses.
        ("Name,Labels\nZoe\u0308,Cafe\u0301\n", "google", [{"name": "Zoë", "tags": ["Café"]}], []),
    ],
)
def test_bytes(data: str | bytes, kind: str, people: list[Person], problems: list[int]) -> None:
    check(data, kind, people, problems)


# --- Lines and rows -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "people", "problems"),
    [
        # CR, LF and CR LF in one file, with a cell over several of them; the row's first line counts.
        ('Name,Email,Notes\rAnn,x@@y,"a\r\nb\rc"\nBob,,\r\n\r\nCal,y@@z,', "csv", ["Ann", "Bob", "Cal"], [2, 7]),
        ("sep=;\r\n\r\nName;Email\r\nAnn;x@@y", "csv", ["Ann"], [4]),
        ("\r\rAnn\r\nb@@x\n\rCal <y@@z>", "text", ["Ann", "Cal"], [4, 6]),
        # A BEGIN's line, whatever stands before it.
        ("\r\n\r\n" + card("FN:Ann", "EMAIL:x@@y", "oops") + "\n" + card("oops"), "vcard", ["Ann"], [3, 3, 10]),
        # Quotation marks: a letter inside a cell, after a blank, and two of them in a cell that isn't quoted.
        (
            'Name,Company\nOwen "Taff" Rees,5"\n "Ann",""\nDr ""Bo"" Lee,x\n',
            "csv",
            ['Owen "Taff" Rees', '"Ann"', 'Dr ""Bo"" Lee'],
            [],
        ),
        # One that is never closed costs its line, at the beginning, in the middle and at the end of a file.
        ('Name,Email\n"Ann,a@example.org\nBob,b@example.org\n', "csv", ["Bob"], [2]),
        ('Name,Email\nAnn,"a@example.org\n"Bob","b@example.org"\nCal,"\n', "csv", ["Bob"], [2, 4]),
        ('Name\tEmail\n"Ann\t\nBob\t"b@example.org"\n', "csv", ["Bob"], [2]),
        # More cells than the header: left out if one is filled. Fewer: the rest is empty.
        ("Name,Email\nAnn,a@example.org,x\nBob,,,,,\nCal\n,,,y\n", "csv", ["Bob", "Cal"], [2, 5]),
        # A header met again, in other letters, with empty cells that a spreadsheet added.
        ("Name,E-mail\nAnn,\nNAME,E-Mail\nName,E-mail,,\n\ufeffname,e-mail\nBob,\n", "csv", ["Ann", "Bob"], []),
        (
            f"{LINKEDIN}\nAnn,Lee,,,,,\n{LINKEDIN}\nBob,Lee,,,,,\n",
            "linkedin",
            [given("Ann", "Lee"), given("Bob", "Lee")],
            [],
        ),
        # Two columns of one name.
        (
            "Titre;Prénom;Nom;Titre;Adresse de messagerie;Page Web;Page Web\nMme;Ann;Lee;Cheffe;;a.org;b.org\n",
            "outlook",
            [given("Ann", "Lee", title="Cheffe", urls=["https://a.org", "https://b.org"])],
            [],
        ),
        (
            "Name,Company,Company,Phone,Phone\nAnn,,X,1,2\n",
            "csv",
            [{"name": "Ann", "organisation": "X", "phones": ["1", "2"]}],
            [],
        ),
        # Nobody below a header, wherever it stands.
        ("sep=,\n\nName,Email\n\n,\n", "csv", [], [3]),
        (f'Notes:\n"{LINKEDIN}"\n\n{LINKEDIN}\n,,,,,,1 Jan 2020\n', "linkedin", [], [4]),
    ],
)
def test_lines_and_rows(data: str, kind: str, people: list[Person], problems: list[int]) -> None:
    check(data, kind, people, problems)


# --- Cards --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "people", "problems"),
    [
        # Files put together, of which one had no line end, or began with a BOM.
        ("BEGIN:VCARD\nFN:Ann\nEND:VCARDBEGIN:VCARD\nFN:Bob\noops\nEND:VCARD", ["Ann", "Bob"], [3]),
        ("BEGIN:VCARD\nFN:Ann\nEND:VCARD\ufeffbegin:vcard\nFN:Bob\nEND:VCARD", ["Ann", "Bob"], []),
        ("BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:x=\nEND:VCARDBEGIN:VCARD\nFN:Bob\nEND:VCARD", ["Bob"], []),
        # Folds within characters, of several lines, of a blank alone, and in the middle of a soft break.
        (card("FN:Zo\udcc3\r\n \udcab Le\r\n \r\n\te").encode("utf-8", "surrogateescape"), ["Zoë Lee"], []),
        (card("FN;ENCODING=QUOTED-PRINTABLE:Zo=C3=\r\n\t=AB=20=\r\nLee=", version="2.1"), ["Zoë Lee"], []),
        (
            card("FN;QUOTED-PRINTABLE:B=4=41=4", "NOTE;QUOTED-PRINTABLE:==", version="2.1"),
            [{"name": "B=4A=4", "notes": "="}],
            [],
        ),
        # Groups, bare parameters, quoted ones, in any case.
        (
            card(
                'a-1.b.fn;x=":;,":Ann', 'item1.Email;TYPE="internet,PREF":B@example.org', "EMAIL;INTERNET:a@example.org"
            ),
            [{"name": "Ann", "emails": ["b@example.org", "a@example.org"]}],
            [],
        ),
        # The first of alternatives, though the second is preferred or of another group.
        (
            card(
                "FN;ALTID=1:Ann", "a.FN;ALTID=1;PREF=1:Anna", "ORG;ALTID=2:X", "ORG;ALTID=2:Y", "N;ALTID=2:Lee;Ann;;;"
            ),
            [{"name": "Ann", "organisation": "X", "given": "Ann", "family": "Lee"}],
            [],
        ),
        # Escapes: of each sign, twice, before a letter, and at the very end.
        (card(r"FN:A\;n\: \\n \q" + "\\", r"CATEGORIES:a\,b"), [{"name": "A;n: \\n q\\", "tags": ["a,b"]}], []),
        # Agents: with a parameter, twice as deep, and one whose card never ends.
        (
            card(
                "FN:Ann",
                "AGENT;X=Y:",
                "BEGIN:VCARD",
                "FN:B",
                "AGENT:",
                "BEGIN:VCARD",
                "END:VCARD",
                "END:VCARD",
                "TITLE:Z",
            ),
            [{"name": "Ann", "title": "Z"}],
            [],
        ),
        ("BEGIN:VCARD\nFN:Ann\nAGENT:\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\n", ["Ann"], [1]),
        (
            "BEGIN:VCARD\nFN:Ann\nAGENT:\nTEL:1\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\n",
            [{"name": "Ann", "phones": ["1"]}, "Bob"],
            [1],
        ),
        # Ended by the next BEGIN, by the end of the file; both kept. Nobody in it: only the problem.
        ("BEGIN:VCARD\nFN:Ann\nBEGIN:VCARD\nBEGIN:VCARD\nFN:Cal", ["Ann", "Cal"], [1, 3, 4]),
        # Lines outside: one problem at the first, though there are more, and an END among them.
        (f"\nEND:VCARD\nx\n{card('FN:Ann')}y\n{card('FN:Bob')}z", ["Ann", "Bob"], [2]),
        # Lines that are no property, in a photo and after it.
        (card("FN:Ann", "PHOTO;BASE64:/9j/", "AAAA", "BB==", "", "NOTE:x"), [{"name": "Ann", "notes": "x"}], []),
        (card("FN:Ann", "PHOTO;BASE64:/9j/", "AAAA", "NOTE:x", "AAAA", "oops!"), [{"name": "Ann", "notes": "x"}], [1]),
        (card("oops", "TEL:1") + card("oops", "ORG:X"), [{"name": "X", "organisation": "X"}], [1, 6]),
        # Groups, places and devices, in every way to say so; a company that has only an address.
        (
            card("KIND:Group", "FN:x") + card("a.X-ADDRESSBOOKSERVER-KIND:group", "N:y") + card("KIND:device", "FN:z"),
            [],
            [],
        ),
        (card("KIND:org", "EMAIL:a@example.org"), [{"name": "a@example.org", "emails": ["a@example.org"]}], []),
        (card("X-ABSHOWAS:company", "N:Lee;Ann;;;", "FN:X", "ORG:Y"), [{"name": "X", "organisation": "X"}], []),
    ],
)
def test_cards(data: str | bytes, people: list[Person], problems: list[int]) -> None:
    check(data, "vcard", people, problems)


# --- Lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "people", "problems"),
    [
        (
            "- Ann Lee, NHS, Wales ; • 'Bob Brook' <mailto:B@example.org>,c@example.org\n",
            [
                {"name": "Ann Lee", "organisation": "NHS, Wales"},
                {"name": "Bob Brook", "emails": ["b@example.org"]},
                "c@example.org",
            ],
            [],
        ),
        (
            "Lee, Ann <a@example.org>, Brook, Bob <b@example.org>\n",
            [given("Ann", "Lee", emails=["a@example.org"]), given("Bob", "Brook", emails=["b@example.org"])],
            [],
        ),
        (
            "a@example.org b@example.org\nAnn c@example.org  <d@example.org>\n",
            [
                {"name": "a@example.org", "emails": ["a@example.org", "b@example.org"]},
                {"name": "Ann c@example.org", "emails": ["d@example.org"]},
            ],
            [],
        ),
        ("Ann c@example.org d@example.org", [{"name": "Ann", "emails": ["c@example.org", "d@example.org"]}], []),
        ("bob@example.org\nBob <BOB@example.org>;bob@example.org,Cal\n", ["bob@example.org", "Cal"], []),
        ("* Ann\n*Bob\n• • Cal\n-5\n- \n-\n", ["Ann", "Bob", "Cal"], [4]),
        ("<b>Ann</b>\nAnn & Bob, York\n", ["<b>Ann</b>", {"name": "Ann & Bob", "organisation": "York"}], []),
        ("Ann\n@bob\n=1+1\n+44 7700 900002\n42\n", ["Ann"], [2, 3, 4, 5]),
        ("Ann <a@example.org>;;; ,,, ; <>\n", ["Ann"], []),
    ],
)
def test_lists(data: str, people: list[Person], problems: list[int]) -> None:
    check(data, "text", people, problems)


# --- Fields -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "comes_out"),
    [
        ("Mr M. Lee", "M. Lee"),
        ("M. Lee", "Lee"),
        ("M Lee", "M Lee"),
        ("Frau Prof. Dr. Ann Lee", "Prof. Dr. Ann Lee"),
        ("Mr and Mrs Smith", "Smith"),
        ("Herr und Frau Weber", "Weber"),
        ("Mrs", "Mrs"),
        ("Lee, Ann-Marie", "Ann-Marie Lee"),
        ("Smith, Jean-Luc, PhD", "Jean-Luc Smith"),
        ("Pryce, RN-BC", "Pryce"),
        ("Lee, Ann PhD", "Lee"),
        ("Ann Lee PhD", "Ann Lee PhD"),
        ("Lee, Ann, York", "Lee, Ann, York"),
        (", Ann", "Ann"),
        ("Ann\u00a0\u3000Lee\t", "Ann Lee"),
        ("👩‍⚕️", "X"),
        ("٤٢ Ann", "٤٢ Ann"),
    ],
)
def test_names(name: str, comes_out: str) -> None:
    table = read_bytes(f'Name,Company\n"{name}",X\n')
    single = read_bytes(card(f"FN:{name}".replace(",", "\\,"), "ORG:X"))
    assert [one["name"] for one in (*table[1], *single[1])] == [comes_out] * 2
    assert table[2] == single[2] == []


@pytest.mark.parametrize(
    ("row", "people", "problems"),
    [
        ("=1+1,Ann,Lee", [], [2]),
        ("Frau Dr.,Ann,'=x", [], [2]),
        ('Sr,Ann,"Lee, MSc, FRCN"', [given("Ann", "Lee")], []),
        ("Prof.,,Lee", [{"name": "Prof. Lee", "family": "Lee"}], []),
        ("Dr,,", [], [1]),
        ("-,Ann,-Lee", [], [2]),
        ("-,Ann,- Lee", ["- Ann - Lee"], []),
        (",\u200b,4.4E+11", [], [2]),
    ],
)
def test_names_in_parts(row: str, people: list[Person], problems: list[int]) -> None:
    check(f"Prefix,First name,Last name\n{row}\n", "csv", people, problems)


@pytest.mark.parametrize(
    ("cells", "found", "problems"),
    [
        ("Ann,,,x@@y; z@@z,,,7-Feb-22", {"connected_on": dt.date(2022, 2, 7)}, [2]),
        ('Ann,,ftp://x,x@@y,,,"6/15/17, 3:14 PM"', {"connected_on": dt.date(2017, 6, 15)}, [2, 2]),
        ("Ann,,,,,,29 Feb 2023", {}, [2]),
        ("Ann,,,,,,15/6/2017", {}, [2]),
        (
            "Ann,,,,=1+1,@x,15 Jun 2026",
            {"organisation": "=1+1", "title": "@x", "connected_on": dt.date(2026, 6, 15)},
            [],
        ),
        ("Ann,,a.org:80/x,,,,", {"urls": ["https://a.org:80/x"]}, []),
        ("Ann,,tel:1,,,,", {}, [2]),
    ],
)
def test_other_fields(cells: str, found: dict[str, Any], problems: list[int]) -> None:
    check(f"{LINKEDIN}\n{cells}\n", "linkedin", [{"name": "Ann", "given": "Ann", **found}], problems)


# --- What fuzzing found -------------------------------------------------------------------------------

FOUND = {
    "a told separator, and no row that is filled": b"sep=;\n\n",
    "a name of a comma and a comma": b'First Name,x\n"C, ,a",y\n',
}


@pytest.mark.parametrize("what", FOUND)
def test_what_fuzzing_found_holds(what: str) -> None:
    holds(FOUND[what])
