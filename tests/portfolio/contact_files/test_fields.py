"""Which field wins, whatever the format; each case is tried as a table and as a card."""

from __future__ import annotations

import pytest

from tests.portfolio.contact_files.reading import card, read_bytes


def both(**fields: str) -> list[tuple[list[dict[str, object]], list[int]]]:
    """(people, problems) of the same fields in a table and in a card; lines of problems counted from the record's."""
    columns = {"FN": "Name", "EMAIL": "Email", "ORG": "Company", "URL": "URL", "NOTE": "Notes", "TITLE": "Job title"}
    cells = ",".join('"' + value.replace('"', '""') + '"' for value in fields.values())
    table = read_bytes(",".join(columns[name] for name in fields) + f"\n{cells}\n")
    escaped = {name: value.replace("\\", "\\\\").replace("\n", "\\n") for name, value in fields.items()}
    escaped = {name: value.replace(",", "\\,").replace(";", "\\;") for name, value in escaped.items()}
    single = read_bytes(card(*(f"{name}:{value}" for name, value in escaped.items())))
    return [(table[1], [line - 1 for line in table[2]]), (single[1], single[2])]


def name_of(name: str) -> str:
    first, second = both(FN=name, ORG="X")
    assert first == second
    ((person,), problems) = first
    assert problems == []
    return str(person["name"])


@pytest.mark.parametrize("title", ["Mr", "Mrs", "Ms", "Mx", "Frau", "Herr", "Mme", "M.", "Sr.", "Sra.", "Mr.", "MRS."])
def test_courtesy_titles_are_no_part_of_a_name(title: str) -> None:
    assert name_of(f"{title} Ann Lee") == "Ann Lee"
    assert name_of(f"{title} Dr. Ann Lee") == "Dr. Ann Lee"
    columns = read_bytes(f"Prefix,First name,Last name\n{title},Ann,Lee\n{title} Dr,Bo,Lee\n")[1]
    assert [person["name"] for person in columns] == ["Ann Lee", "Dr Bo Lee"]
    assert read_bytes(card(f"N:Lee;Ann;;{title};"))[1][0]["name"] == "Ann Lee"


@pytest.mark.parametrize("name", ["Dr Ann Lee", "Prof. Ann Lee", "M Lee", "Sr Lee", "Ann Mr", "Herr", "Mxo Lee"])
def test_other_titles_and_initials_stay(name: str) -> None:
    assert name_of(name) == name


def test_an_initial_in_a_column_of_its_own_is_no_courtesy() -> None:
    people = read_bytes("First name,Last name\nM.,Smith\nM. Jean,Petit\nMrs Ann,Lee\n")[1]
    assert [person["name"] for person in people] == ["M. Smith", "M. Jean Petit", "Ann Lee"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ann Lee, FRCN", "Ann Lee"),
        ("Ann Lee, PhD, MBE", "Ann Lee"),
        ("Ann Lee, Ph.D.", "Ann Lee"),
        ("Lee, Ann", "Ann Lee"),
        ("Lee, Ann B, PhD", "Ann B Lee"),
        ("van der Lee, Ann", "Ann van der Lee"),
        ("Lee, Mrs Ann", "Ann Lee"),
        ("Lee, Jr.", "Lee"),
        ("Lee,", "Lee"),
        ("<b>Ann</b>", "<b>Ann</b>"),
        ("  Ann\u3000\u00a0\t Lee ", "Ann Lee"),
        ("Ann &amp; Bob", "Ann &amp; Bob"),
        ("'Ann'", "'Ann'"),
        ("-", "X"),
        ("…", "X"),
        ("", "X"),
        ("Ann 2nd", "Ann 2nd"),
        ("50 Cent", "50 Cent"),
    ],
)
def test_names_in_one_field(written: str, name: str) -> None:
    assert name_of(written) == name


def test_family_comma_given_says_the_parts() -> None:
    for people, _ in both(FN="Lee, Ann"):
        assert people == [{"name": "Ann Lee", "given": "Ann", "family": "Lee"}]
    for people, _ in both(FN="Ann Lee"):
        assert people == [{"name": "Ann Lee"}]


def test_letters_after_a_family_name_in_its_own_column() -> None:
    person = read_bytes('First name,Last name\nOwen,"Pryce, FRCN, MSc"\n')[1][0]
    assert person == {"name": "Owen Pryce", "given": "Owen", "family": "Pryce"}


def test_what_stands_for_a_name() -> None:
    assert both(FN="", ORG="Acme", EMAIL="a@example.org")[0][0][0]["name"] == "Acme"
    assert [people[0]["name"] for people, _ in both(FN="", ORG="-", EMAIL="A@example.org")] == ["a@example.org"] * 2
    assert both(FN="", ORG="") == [([], [0]), ([], [])]  # a header, and nobody below it


def test_parts_are_empty_where_something_stands_for_the_name() -> None:
    assert read_bytes("First name,Last name,Company\n-,.,Acme\n")[1] == [{"name": "Acme", "organisation": "Acme"}]


@pytest.mark.parametrize("length", [200, 201])
def test_a_long_name_is_cut(length: int) -> None:
    for people, problems in both(FN="é" * length):
        assert (people, problems) == ([{"name": "é" * 200}], [1] * (length - 200))


@pytest.mark.parametrize(
    "name", ["=1+1", "@SUM(A1)", "+cmd", "-cmd", "-2+3", " =x", "'=x", " ' =x", "+1 Ann", '=HYPERLINK("https://x")']
)
def test_a_formula_is_no_name(name: str) -> None:
    assert both(FN=name, ORG="Acme", EMAIL="a@example.org") == [([], [1]), ([], [1])]
    quoted = name.replace('"', '""')
    assert read_bytes(f'First name,Last name\nAnn,"{quoted}"\n"{quoted}",Lee\n')[1:] == ([], [2, 3])


@pytest.mark.parametrize(
    "name", ["+44 7700 900002", "42", "-5", "(01632) 960 001", "01632/960001 ext. 4", "4.4E+11", "3.5"]
)
def test_a_number_is_no_name(name: str) -> None:
    assert both(FN=name, EMAIL="a@example.org") == [([], [1]), ([], [1])]


@pytest.mark.parametrize("text", ["+ Ann", "- Ann", "''=x", "A=1", "-", "+"])
def test_what_only_looks_like_a_formula(text: str) -> None:
    assert [problems for _, problems in both(FN=text, ORG="Acme")] == [[], []]


def test_a_formula_elsewhere_is_text() -> None:
    for people, problems in both(FN="Ann", ORG="=1+1", TITLE="@x", NOTE="+cmd"):
        assert people == [{"name": "Ann", "organisation": "=1+1", "title": "@x", "notes": "+cmd"}]
        assert problems == []


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("A@Example.ORG", "a@example.org"),
        ("Ann <a@example.org>", "a@example.org"),
        ("<a@example.org>", "a@example.org"),
        ("mailto:a@example.org", "a@example.org"),
        ("MAILTO:a@example.org?subject=x", "a@example.org"),
        ("'a@example.org'", "a@example.org"),
        ("a@bücher.example.org", "a@bücher.example.org"),
    ],
)
def test_addresses(written: str, address: str) -> None:
    for people, problems in both(FN="A", EMAIL=written):
        assert (people[0]["emails"], problems) == ([address], [])


@pytest.mark.parametrize(
    "written", ["a@@example..org", "none", "a@", "@example.org", "a b@example.org", "a@" + "b" * 260 + ".org"]
)
def test_no_address_is_a_problem_and_the_person_stays(written: str) -> None:
    assert both(FN="Ann", EMAIL=written) == [([{"name": "Ann"}], [1])] * 2


def test_a_wrong_address_alone_is_told_too() -> None:
    assert both(FN="", EMAIL="a@@b") == [([], [1])] * 2


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("example.org/a", "https://example.org/a"),
        ("//example.org", "https://example.org"),
        ("example.org:8080/a", "https://example.org:8080/a"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("example.org/?to=ftp://x", "https://example.org/?to=ftp://x"),
    ],
)
def test_web_addresses(written: str, found: str) -> None:
    for people, problems in both(FN="A", URL=written):
        assert (people[0]["urls"], problems) == ([found], [])


@pytest.mark.parametrize(
    "written", ["ftp://example.org", "javascript:alert(1)", "JavaScript:1", "mailto:a@example.org", "data:x"]
)
def test_other_schemes_are_a_problem_and_dropped(written: str) -> None:
    assert both(FN="A", URL=written) == [([{"name": "A"}], [1])] * 2


def test_notes_keep_their_lines() -> None:
    for people, _ in both(FN="A", NOTE=" a \n\n b ::: c\u3000"):
        assert people[0]["notes"] == "a \n\n b ::: c"


def test_other_fields_are_one_line() -> None:
    for people, _ in both(FN="A\nB", ORG="C\n \u3000D", TITLE="E\u00a0\u00a0F"):
        assert people == [{"name": "A B", "organisation": "C D", "title": "E F"}]
