"""Whatever bytes come: no crash, and nobody lost whom a program wrote."""

from __future__ import annotations

import csv
import io
import quopri
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portfolio.contact_files.contact import is_number, one_line
from portfolio.contact_files.decoding import Source
from portfolio.contact_files.rows import rows
from tests.portfolio.contact_files.fuzzing import PIECES, VALID, holds
from tests.portfolio.contact_files.reading import read_bytes


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_any_bytes(data: bytes) -> None:
    holds(data)


@given(
    st.lists(
        st.sampled_from([*PIECES, b"Ann", b"a@example.org", b"EMAIL:", b"N:", b"URL:", b"ftp://x", b"x"]), max_size=40
    )
)
def test_any_pieces(pieces: list[bytes]) -> None:
    holds(b"".join(pieces))


@given(st.sampled_from(VALID), st.data())
def test_a_valid_file_in_which_something_changed(data: bytes, draw: st.DataObject) -> None:
    for _ in range(draw.draw(st.integers(1, 4))):
        at, length = draw.draw(st.integers(0, len(data))), draw.draw(st.integers(0, 20))
        data = data[:at] + draw.draw(st.sampled_from(PIECES)) + data[at + length :]
    holds(data)


@given(st.text('ab",;\n\r ', max_size=200))
@example('a","b\na","b\n')
def test_every_line_of_a_table_is_in_one_row(text: str) -> None:
    source = Source(lambda: io.BytesIO(text.encode()))
    count = sum(1 for _ in source.lines())
    starts = [row.line for row in rows(source.text_lines("utf-8"), ",")]
    assert starts == sorted(set(starts))
    assert starts[:1] == [1][:count]
    assert all(1 <= line <= count for line in starts)


# --- Round trips --------------------------------------------------------------------------------------

LETTERS = st.characters(
    codec="utf-8", categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u037e\u1fef\u200b\ufeff"
)
WORDS = st.text(LETTERS, min_size=1, max_size=12)
NAMES = st.builds(
    "{} {}x".format, st.sampled_from(["Ann", "Zoë", "Шевчук", "נועה"]), WORDS.map(lambda word: word.replace(",", ""))
)
NOTES = st.text(st.one_of(LETTERS, st.just("\n")), max_size=60)
FIRMS = WORDS.filter(lambda word: ":::" not in word)  # with which Google puts several values into one cell
PEOPLE = st.lists(st.tuples(NAMES, st.integers(0, 999), FIRMS, NOTES), min_size=1, max_size=8)


def expected(people: list[tuple[str, int, str, str]]) -> list[dict[str, object]]:
    found = []
    for name, number, organisation, notes in people:
        person = {"name": one_line(name), "emails": [f"a{number}@example.org"], "organisation": one_line(organisation)}
        person["notes"] = "\n".join(notes.split("\n")).strip()
        found.append({key: nfc(value) for key, value in person.items() if value})
    return found


def nfc(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@given(people=PEOPLE, end=st.sampled_from(["\r\n", "\n"]))
def test_a_table_comes_back(
    separator: str, quoting: int, encoding: str, people: list[tuple[str, int, str, str]], end: str
) -> None:
    out = io.StringIO()
    table = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    table.writerow(["Name", "E-mail", "Organisation", "Notes"])
    table.writerows((name, f"a{number}@example.org", org, notes) for name, number, org, notes in people)
    assert read_bytes(out.getvalue().encode(encoding)) == ("csv", expected(people), [])


def escaped(text: str, line_end: str = "\\n") -> str:
    for letter in "\\,;":
        text = text.replace(letter, f"\\{letter}")
    return text.replace("\n", line_end)


def folded(line: str, width: int) -> bytes:
    """The line in pieces of so many bytes, also within characters."""
    data = line.encode()
    return b"\r\n ".join(data[at : at + width] for at in range(0, len(data), width))


@pytest.mark.parametrize("version", ["3.0", "4.0"])
@given(people=PEOPLE, width=st.integers(5, 75))
def test_cards_come_back(version: str, people: list[tuple[str, int, str, str]], width: int) -> None:
    data = b""
    for name, number, organisation, notes in people:
        lines = [f"FN:{escaped(name)}", f"EMAIL;TYPE=WORK:a{number}@example.org", f"ORG:{escaped(organisation)};Dep"]
        lines.append(f"NOTE:{escaped(notes)}")
        whole = ["BEGIN:VCARD", f"VERSION:{version}"]
        data += "\r\n".join(whole).encode() + b"\r\n" + b"".join(folded(line, width) + b"\r\n" for line in lines)
        data += b"END:VCARD\r\n"
    assert read_bytes(data) == ("vcard", expected(people), [])


@pytest.mark.parametrize("charset", ["UTF-8", "ISO-8859-15", "Windows-1252"])
@given(people=PEOPLE)
def test_cards_of_the_oldest_kind_come_back(charset: str, people: list[tuple[str, int, str, str]]) -> None:
    def encodable(text: str) -> str:
        return text.encode(charset, "ignore").decode(charset)

    people = [
        (f"Ann {encodable(name)}", number, encodable(org) + "x", encodable(notes))
        for name, number, org, notes in people
    ]
    data = b""
    for name, number, organisation, notes in people:
        data += b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        for key, value in (("FN", name), ("ORG", organisation), ("NOTE", notes)):
            text = escaped(value, "\n").encode(charset)
            coded = (
                quopri.encodestring(text, quotetabs=True).replace(b"\n", b"\r\n")
                if b"\n" not in text
                else _quoted(text)
            )
            data += f"{key};CHARSET={charset};ENCODING=QUOTED-PRINTABLE:".encode() + coded.rstrip(b"\r\n") + b"\r\n"
        data += f"EMAIL;INTERNET:a{number}@example.org\r\nEND:VCARD\r\n".encode()
    assert read_bytes(data) == ("vcard", expected(people), [])


def _quoted(data: bytes) -> bytes:
    """Every byte as a pair, with a soft break after every twenty."""
    pairs = [f"={byte:02X}".encode() for byte in data]
    return b"=\r\n".join(b"".join(pairs[at : at + 20]) for at in range(0, len(pairs), 20))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.sampled_from(["\n", ";", ";\r\n", "\r"]))
def test_a_pasted_list_comes_back(numbers: list[int], between: str) -> None:
    text = between.join(f'"Lee, Ann" <a{number}@example.org>' for number in numbers)
    _, people, problems = read_bytes(text)
    assert [person["emails"] for person in people] == [[f"a{number}@example.org"] for number in dict.fromkeys(numbers)]
    assert problems == []


@given(st.text(max_size=200))
def test_a_number_takes_no_time_to_tell(text: str) -> None:
    assert is_number(text) in {True, False}
