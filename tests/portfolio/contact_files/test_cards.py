"""vCards: folds, quoted-printable, groups, escapes, and cards that don't begin or end as they should."""

from __future__ import annotations

import pytest

from tests.portfolio.contact_files.reading import card, names, person_of, read_bytes

# --- Lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("blank", [" ", "\t"])
def test_folds(end: str, blank: str) -> None:
    assert names(card(f"FN:Ann{end}{blank} Le{end}{blank}e", end=end)) == ["Ann Lee"]


@pytest.mark.parametrize("fold", ["", " ", "\t"])
def test_a_soft_break_goes_on_on_the_next_line(fold: str) -> None:
    person = person_of(
        f"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=\r\n{fold}two=\r\n{fold} three", "FN:A", version="2.1"
    )
    assert person["notes"] == ("one\ntwo three" if fold else "one\ntwothree")


def test_a_soft_break_before_the_end_of_the_card_is_none() -> None:
    assert names(card("FN;QUOTED-PRINTABLE:Ann=", version="2.1") + card("FN:Bob")) == ["Ann", "Bob"]


def test_the_padding_of_a_photo_is_no_soft_break() -> None:
    assert person_of("PHOTO;ENCODING=BASE64;JPEG:AAA=", "FN:Ann", version="2.1") == {"name": "Ann"}


def test_an_equals_sign_that_begins_no_pair_stays() -> None:
    assert person_of("FN;ENCODING=QUOTED-PRINTABLE:A =XY =4G =4a", "N:;;;;", version="2.1")["name"] == "A =XY =4G J"


@pytest.mark.parametrize(
    ("parameters", "value"),
    [
        ("CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE", "M=C3=BCller"),
        ("CHARSET=Windows-1252;ENCODING=QUOTED-PRINTABLE", "M=FCller"),
        ("charset=iso-8859-1;quoted-printable", "M=fcller"),
        ("ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-16BE", "=00M=00=FC=00l=00l=00e=00r"),
        ("QUOTED-PRINTABLE", "M=FCller"),
        ("QUOTED-PRINTABLE", "M=C3=BCller"),
        ("QUOTED-PRINTABLE;CHARSET=rot13", "M=C3=BCller"),
        ("QUOTED-PRINTABLE;CHARSET=nonsense", "M=C3=BCller"),
        ("QUOTED-PRINTABLE", "Mü=6c=6Cer"),
        ("CHARSET=Windows-1252", "Müller"),
        ("ENCODING=b", "TcO8bGxlcg=="),
    ],
)
def test_the_bytes_of_a_value(parameters: str, value: str) -> None:
    assert person_of(f"FN;{parameters}:{value}", version="2.1")["name"] == "Müller"


def test_shift_jis_has_letters_in_its_pairs() -> None:
    assert person_of("FN;CHARSET=SHIFT_JIS;QUOTED-PRINTABLE:=83A=83C", version="2.1")["name"] == "アイ"


@pytest.mark.parametrize(
    "line",
    [
        "item1.EMAIL:a@example.org",
        "ITEM1.email;Type=Internet:A@EXAMPLE.ORG",
        "EMAIL;PREF;INTERNET:mailto:a@example.org",
    ],
)
def test_groups_bare_parameters_and_any_case(line: str) -> None:
    assert person_of("fn:Ann", line)["emails"] == ["a@example.org"]


def test_parameters_between_quotation_marks() -> None:
    assert person_of("FN:Ann", 'TEL;TYPE="voice,cell";X-A="a:b;c":tel:+351-1') == {"name": "Ann", "phones": ["+351-1"]}
    assert person_of("FN:Ann", 'TEL;TYPE="work,fax":1') == {"name": "Ann"}


def test_of_alternatives_the_first_counts() -> None:
    lines = ["FN;ALTID=1:Ines", "FN;ALTID=1:Inês", "N;ALTID=1:C;Ines;;;", "N;ALTID=1:C;Inês;;;"]
    emails = ["EMAIL;ALTID=1:a@example.org", "EMAIL;ALTID=2:b@example.org", "EMAIL;ALTID=2:c@example.org"]
    found = person_of(*lines, *emails, version="4.0")
    assert (found["name"], found["given"]) == ("Ines", "Ines")
    assert found["emails"] == ["a@example.org", "b@example.org"]


def test_escapes() -> None:
    person = person_of(r"FN:Ann\; \x Lee", r"NOTE:a\nb\Nc\, d\; e\: f\\n \z", r"ORG:A\;B;Dep", r"CATEGORIES:A\,B,C")
    assert person == {
        "name": "Ann; x Lee",
        "notes": "a\nb\nc, d; e: f\\n z",
        "organisation": "A;B",
        "tags": ["A,B", "C"],
    }


# --- Where a card begins and ends ---------------------------------------------------------------------


def test_a_card_ended_by_the_next_or_by_the_file_is_kept() -> None:
    found = read_bytes("BEGIN:VCARD\nFN:Ann\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\n\nBEGIN:VCARD\nFN:Cal")
    assert ([person["name"] for person in found[1]], found[2]) == (["Ann", "Bob", "Cal"], [1, 7])


def test_an_agents_card_is_nobody_and_the_outer_one_goes_on() -> None:
    agent = "AGENT:\nBEGIN:VCARD\nFN:Agent\nAGENT;X=1:\n\nBEGIN:VCARD\nFN:Inner\nno property\nEND:VCARD\nEND:VCARD"
    assert person_of("FN:Ann", *agent.split("\n"), "TITLE:Head", version="2.1") == {"name": "Ann", "title": "Head"}
    assert person_of("FN:Ann", "AGENT: BEGIN:VCARD", "FN:Agent", "END:VCARD", "TITLE:Head")["title"] == "Head"
    assert person_of("FN:Ann", r"AGENT:BEGIN:VCARD\nFN:Agent\nEND:VCARD\n", "TITLE:Head")["title"] == "Head"


def test_a_card_not_directly_after_agent_is_the_next_one() -> None:
    found = read_bytes("BEGIN:VCARD\nFN:Ann\nAGENT:\nTITLE:Head\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\n")
    assert ([person["name"] for person in found[1]], found[2]) == (["Ann", "Bob"], [1])


def test_a_line_that_is_no_property() -> None:
    found = read_bytes(card("FN:Ann", "no property", "no property: either", "TITLE:Head") + card("FN:Bob"))
    assert found[1:] == ([{"name": "Ann", "title": "Head"}, {"name": "Bob"}], [1])


def test_an_unreadable_line_in_a_card_without_a_name() -> None:
    assert read_bytes(card("FN:Ann") + card("no property", "TEL:1"))[1:] == ([{"name": "Ann"}], [5])


def test_lines_outside_any_card_are_one_problem() -> None:
    found = read_bytes(f"\nhello\nthere\n{card('FN:Ann')}FN:Lost\nEND:VCARD\n{card('FN:Bob')}")
    assert ([person["name"] for person in found[1]], found[2]) == (["Ann", "Bob"], [2])


@pytest.mark.parametrize("begin", ["BEGIN:VCARD", "begin:vcard", "BEGIN:VCARD  \t", " BEGIN:VCARD", "Begin : vCard"])
def test_a_begin_in_any_shape(begin: str) -> None:
    assert names(f"{card('FN:Ann')}{begin}\r\nFN:Bob\r\n{begin.replace('BEGIN', 'END').replace('egin', 'nd')}\r\n")[0:1]
    assert names(f"{begin}\r\nFN:Bob\r\nEND:VCARD \r\n") == ["Bob"]


@pytest.mark.parametrize(
    "photo",
    [
        "PHOTO;ENCODING=b;TYPE=JPEG:%%%not base64%%%",
        "PHOTO;ENCODING=BASE64;JPEG:/9j/AAAA\r\n BBBB\r\n CCC=\r\n",
        "PHOTO;ENCODING=BASE64;JPEG:/9j/AAAA\r\nBBBB\r\nCCC=\r\n",
        "PHOTO:data:image/jpeg;base64,AAAA",
        "LOGO;VALUE=uri:ftp://x",
        "SOUND:x",
        "KEY:x",
        "BDAY:1970-01-01",
        "ADR;TYPE=HOME:;;1 Mill Lane;;;;",
        "X-ABRELATEDNAMES:Not This One",
        "NICKNAME:Nan",
        "SORT-STRING:Lee",
        "X-PHONETIC-FIRST-NAME:an",
    ],
)
def test_what_is_dropped_in_silence(photo: str) -> None:
    assert person_of("FN:Ann", photo, "TITLE:Head") == {"name": "Ann", "title": "Head"}


@pytest.mark.parametrize(
    "line", ["KIND:group", "kind:GROUP", "X-ADDRESSBOOKSERVER-KIND:group", "KIND:location", "KIND:device"]
)
def test_groups_places_and_devices_are_nobody(line: str) -> None:
    assert read_bytes(card("FN:Ann") + card(line, "FN:Book club", "no property"))[1:] == ([{"name": "Ann"}], [])


# --- Fields -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "person"),
    [
        (["FN:Ann Lee", "N:Other;Name;;;"], {"name": "Ann Lee", "given": "Name", "family": "Other"}),
        (["N:Lee;Ann;B;Dr;PhD"], {"name": "Dr Ann B Lee", "given": "Ann", "family": "Lee"}),
        (["FN:", "N:Lee;Ann"], {"name": "Ann Lee", "given": "Ann", "family": "Lee"}),
        (["FN:-", "N:Lee;;;;"], {"name": "Lee", "family": "Lee"}),
        (["N:Stevenson;John;Philip,Paul;Dr.;Jr.,M.D."], {"name": "Dr. John Philip Paul Stevenson"}),
        (["N:Pryce\\, FRCN;Owen;;;"], {"name": "Owen Pryce", "given": "Owen", "family": "Pryce"}),
        (["ORG:Lantern House;Welfare", "N:;;;;"], {"name": "Lantern House", "organisation": "Lantern House"}),
        (["EMAIL:a@example.org"], {"name": "a@example.org", "emails": ["a@example.org"]}),
        (["FN:One", "FN:Two"], {"name": "One"}),
        (["FN:", "FN:Two"], {"name": "Two"}),
        (["FN:A", "ORG:;Dep"], {"name": "A"}),
        (["FN:A", "TITLE:Head", "ROLE:x"], {"name": "A", "title": "Head"}),
    ],
)
def test_names(lines: list[str], person: dict[str, object]) -> None:
    found = person_of(*lines)
    assert {key: found[key] for key in person} == person


@pytest.mark.parametrize("mark", ["KIND:org", "X-ABShowAs:COMPANY"])
def test_of_a_company_the_name_is_the_organisation(mark: str) -> None:
    assert person_of(mark, "FN:Lantern House", "N:Lee;Ann;;;") == {
        "name": "Lantern House",
        "organisation": "Lantern House",
    }
    assert person_of(mark, "ORG:Lantern House") == {"name": "Lantern House", "organisation": "Lantern House"}


@pytest.mark.parametrize(
    ("emails", "order"),
    [
        (["EMAIL:a@x.org", "EMAIL;TYPE=pref:b@x.org"], "ba"),
        (["EMAIL:a@x.org", "EMAIL;PREF:b@x.org"], "ba"),
        (["EMAIL;TYPE=pref:a@x.org", "EMAIL;PREF=1:b@x.org"], "ba"),
        (["EMAIL:a@x.org", "EMAIL;PREF=2:b@x.org"], "ab"),
        (["EMAIL:a@x.org", 'EMAIL;TYPE="HOME,PREF":b@x.org', "EMAIL:A@X.org"], "ba"),
    ],
)
def test_the_preferred_address_comes_first(emails: list[str], order: str) -> None:
    assert person_of("FN:A", *emails)["emails"] == [f"{letter}@x.org" for letter in order]


def test_phones_profiles_and_notes() -> None:
    lines = ["TEL;VALUE=uri:tel:+1-2;ext=3", "TEL;PAGER:4", "TEL;type=HOME;type=FAX:5", "TEL:6\u00a0 7"]
    profiles = ["X-SOCIALPROFILE;type=linkedin:https://www.linkedin.com/in/a", "X-SOCIALPROFILE;type=x:x-apple:a"]
    assert person_of("FN:A", *profiles, *lines, "URL:a.example.org", "NOTE: one", "NOTE:two ") == {
        "name": "A",
        "phones": ["+1-2;ext=3", "6 7"],
        "urls": ["https://a.example.org", "https://www.linkedin.com/in/a"],
        "notes": "one\ntwo",
    }


def test_ghosts_are_skipped_in_silence() -> None:
    ghosts = card("TEL:1", "FN:") + card("URL:x.org", "N:;;;;") + card("NICKNAME:Nan") + card()
    assert read_bytes(ghosts)[1:] == ([], [])
