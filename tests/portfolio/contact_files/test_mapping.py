"""Tables whose header nobody knows, or that have none: what is shown of them, and what a person says they hold."""

from __future__ import annotations

import io
from itertools import islice

import pytest

from portfolio.contact_files.contact import Contact, Entry
from portfolio.contact_files.limits import TooLarge
from portfolio.contact_files.mapping import COLUMNS_SHOWN, FIELDS, LONGEST_CELL_SHOWN, ROWS_SHOWN, Preview
from portfolio.contact_files.reading import preview, read
from tests.portfolio.contact_files.reading import card, read_bytes
from tests.portfolio.contact_files.test_zips import CONNECTIONS, zip_of

UNKNOWN = "Rufname;Wo;Post\nAnn Lee;Moorside;a@example.org\nBob;York;\nCal;Leeds;c@example.org\n"
CHOICE = {0: "name", 1: "organisation", 2: "email"}
ANN = {"name": "Ann Lee", "organisation": "Moorside", "emails": ["a@example.org"]}


def previewed(data: str | bytes) -> Preview:
    return preview(io.BytesIO(data.encode() if isinstance(data, str) else data))


# --- What is shown ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "header", "columns"),
    [
        ("Name,Email,Shoe size\nAnn,a@example.org,4\n", "csv", "Name,Email,Shoe size", "name,email,"),
        ("sep=|\nName|Wo\nAnn|York\n", "csv", "Name,Wo", "name,"),
        (CONNECTIONS, "linkedin", "First Name,Last Name,Connected On", "given,family,"),
        (f"Notes:\n\n{CONNECTIONS}", "linkedin", "First Name,Last Name,Connected On", "given,family,"),
        (zip_of({"Connections.csv": CONNECTIONS}), "linkedin", "First Name,Last Name,Connected On", "given,family,"),
        (UNKNOWN, "unknown", "Rufname,Wo,Post", "name,,email"),
        ("Wer\tGehalt\nAnn\t4000\n", "unknown", "Wer,Gehalt", "name,"),
        ("Wer|Wie\nAnn|01632 960001\n", "text", "Wer,Wie", "name,phone"),
        ("Ann Lee,a@example.org,Leeds\nBob,b@example.org,York\n", "text", "", "name,email,"),
        ("Ann Lee\twww.example.org\nBob\thttps://example.org/b\n", "unknown", "", "name,url"),
        ("Ann,Leeds\nBob,York\n", "text", "", "name,"),
    ],
)
def test_a_table_shows_its_header_and_what_each_column_would_be(
    data: str | bytes, kind: str, header: str, columns: str
) -> None:
    found = previewed(data)
    assert (found.kind, ",".join(found.header), ",".join(found.columns)) == (kind, header, columns)
    assert found.header_rows == bool(header)
    assert found.width == len(found.columns) == len(found.first_rows[0])


@pytest.mark.parametrize(
    "data", [card("FN:Ann"), "Ann Lee\nBob\n", "Ann, York\n", "", "%PDF-1.7\nAnn,York\n", b"\0\1\2" * 99]
)
def test_what_is_no_table_has_no_rows(data: str | bytes) -> None:
    found = previewed(data)
    assert (found.kind, found.first_rows, found.columns, found.width) == (read_bytes(data)[0], (), (), 0)
    assert bool(found.about) == (found.kind == "unknown")


def test_a_preview_is_bounded_whatever_the_file_holds() -> None:
    header, row = ",".join(f"c{n}" for n in range(3_000)), ",".join(["x" * 1_000] * 900)
    found = previewed(f"Name,{header}\n" + f"{row}\n" * 50)
    assert (len(found.header), len(found.columns), found.width) == (COLUMNS_SHOWN, COLUMNS_SHOWN, 3_001)
    assert {len(cells) for cells in found.first_rows} == {COLUMNS_SHOWN}
    assert 0 < len(found.first_rows) <= ROWS_SHOWN
    assert {len(cell) for cells in found.first_rows for cell in cells} == {LONGEST_CELL_SHOWN}
    assert len(previewed("Name\n" + "Ann\n" * 500).first_rows) == ROWS_SHOWN


def test_empty_rows_and_unreadable_ones_are_not_shown() -> None:
    assert previewed('Name,Email\n\n,\n"Ann,a\nBob,b@example.org\n').first_rows == (("Bob", "b@example.org"),)


def test_a_file_that_is_too_large_has_no_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.contact_files.reading.BIGGEST_FILE", 10)
    with pytest.raises(TooLarge):
        previewed("Name,Email\n")


# --- What a person says -------------------------------------------------------------------------------


def read_as(data: str, columns: dict[int, str], header_rows: int | None = None) -> list[Entry]:
    return list(read(io.BytesIO(data.encode()), columns=columns, header_rows=header_rows).entries)


def test_columns_are_read_as_a_person_says() -> None:
    entries = read_as(UNKNOWN, CHOICE)
    assert [entry.line for entry in entries] == [2, 3, 4]
    assert entries[0].contact == Contact("Ann Lee", organisation="Moorside", emails=("a@example.org",))
    assert entries[1].contact == Contact("Bob", organisation="York")
    assert read_as(UNKNOWN, CHOICE, 1) == entries


def test_a_first_row_that_is_no_header_is_somebody() -> None:
    table = "Ann Lee,Moorside,a@example.org\nBob,York,b@example.org\n"
    assert [entry.contact.name for entry in read_as(table, CHOICE) if entry.contact] == ["Ann Lee", "Bob"]
    assert [entry.contact.name for entry in read_as(table, CHOICE, 1) if entry.contact] == ["Bob"]
    assert [entry.line for entry in read_as(UNKNOWN, {0: "name"}, 0)] == [1, 2, 3, 4]


def test_a_person_knows_better_than_the_header() -> None:
    table = "Name,Company,Email\nMoorside,Ann Lee,a@example.org\nName,Company,Email\n"
    assert [entry.contact for entry in read_as(table, {0: "organisation", 1: "name", 2: ""})] == [
        Contact("Ann Lee", organisation="Moorside")
    ]


def test_every_field_can_be_chosen() -> None:
    cells = ["", "Dr", "Ann", "B", "Lee", "York", "Head", "a@example.org", "1", "a.org", "n", "A; B"]
    entries = read_as(
        ";".join(f"h{n}" for n in range(12)) + "\n" + ";".join(f'"{cell}"' for cell in cells),
        dict(enumerate(FIELDS)),
        1,
    )
    assert [entry.contact for entry in entries] == [
        Contact(
            name="Dr Ann B Lee",
            given="Ann",
            family="Lee",
            organisation="York",
            title="Head",
            emails=("a@example.org",),
            phones=("1",),
            urls=("https://a.org",),
            notes="n",
            tags=("A", "B"),
        )
    ]


def test_the_rules_and_problems_are_those_of_any_table() -> None:
    rows = 'x,"Ann\ny,a@@b,z\n=1+1,a@example.org,\nAnn,c@example.org,York,more\n,,\n'
    entries = read_as(f"A,B,C\n{rows}", {0: "name", 1: "email"}, 1)
    assert [(entry.line, bool(entry.contact), len(entry.problems)) for entry in entries] == [
        *((2, False, 1), (3, True, 1), (4, False, 1), (5, False, 1)),
    ]


def test_a_column_beyond_the_row_is_empty() -> None:
    assert [entry.contact for entry in read_as(UNKNOWN, {0: "name", 99: "email"})][1] == Contact("Bob")


@pytest.mark.parametrize("header_rows", [0, 1, None])
def test_nothing_chosen_reads_nobody_and_says_so(header_rows: int | None) -> None:
    (entry,) = read_as(UNKNOWN, {}, header_rows)
    assert (entry.contact, entry.line) == (None, 1)


@pytest.mark.parametrize("columns", [{-1: "name"}, {0: "shoe size"}, {20_000: "name"}, {0: "full"}])
def test_columns_there_cannot_be_are_refused(columns: dict[int, str]) -> None:
    with pytest.raises(ValueError, match="column"):
        read_as(UNKNOWN, columns)


def test_what_is_no_table_is_read_as_ever() -> None:
    assert [entry.contact for entry in read_as(card("FN:Ann"), CHOICE)] == [Contact("Ann")]
    assert [entry.contact for entry in read_as("Ann\nBob\n", CHOICE)] == [Contact("Ann"), Contact("Bob")]
    assert read_as("%PDF-1.7\nAnn,York\n", CHOICE)[0].contact is None


def test_work_on_a_mapped_table_goes_on_where_it_was() -> None:
    table = "A;B;C\n" + "".join(f"Ann{n};York;a{n}@example.org\n" for n in range(50))
    again = read(io.BytesIO(table.encode()), columns=CHOICE).entries
    assert list(islice(again, 17, None)) == read_as(table, CHOICE)[17:]


def test_a_table_of_unknown_columns_is_not_taken_for_a_list() -> None:
    assert read_bytes(UNKNOWN) == ("unknown", [], [1])
    assert read_bytes("Ann Lee, Moorside\nBob, b@example.org\nCal, York")[0] == "text"
    assert read_bytes("Ann; Bob; Cal\nDan; Eve; Fay\n")[0] == "text"
