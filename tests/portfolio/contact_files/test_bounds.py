"""Memory and time are bounded whatever a file holds, and what is left unread is said."""

from __future__ import annotations

import io
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from portfolio.contact_files import reading
from portfolio.contact_files.limits import LONGEST_RECORD, MOST_COLUMNS, TooLarge
from portfolio.contact_files.reading import preview, read
from tests.portfolio.contact_files.nonsense import NONSENSE
from tests.portfolio.contact_files.reading import card, read_bytes

MEGABYTE = 1024 * 1024
FORMATS = {
    "linkedin": (
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n",
        'Ann{0},"Hart, PhD",https://x.example.org/{0},a{0}@example.org,"C, ""X""",Head,15 Jun 2026\n',
    ),
    "google": (
        "First Name,Last Name,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n",
        'Ann{0},Hart,"two\nlines",A ::: * myContacts,* Work,a{0}@example.org,Mobile,1 ::: 2\n',
    ),
    "outlook": (
        "Anrede;Vorname;Nachname;Firma;Telefon privat;E-Mail-Adresse;E-Mail-Typ;Kategorien;Webseite\n",
        "Frau;Jörgine{0};Weiß;Köln;+49 221;j{0}@example.org;SMTP;A;x.example.org\n",
    ),
    "vcard": (
        "",
        card(
            "N:Hart;Ann{0};;;",
            "FN:Ann{0} Hart",
            "EMAIL:a{0}@example.org",
            "PHOTO;ENCODING=b:" + "A" * 70 + "\r\n B" * 20,
        ),
    ),
    "csv": ("Name\tEmail\n", "Ann{0} Hart\ta{0}@example.org\n"),
    "text": ("", 'Ann Hart{0} <a{0}@example.org>; "Talbot, Rhys{0}"\n'),
}


def written(folder: Path, kind: str, count: int) -> Path:
    """A file of this many people."""
    head, record = FORMATS[kind]
    each = 2 if kind == "text" else 1
    file = folder / f"{kind}-{count}"
    with file.open("w", encoding="utf-8", newline="") as opened:
        opened.write(head)
        opened.writelines(record.replace("{0}", str(number)) for number in range(count // each))
    return file


@pytest.mark.parametrize("kind", FORMATS)
def test_each_of_many_people_comes_out(kind: str, tmp_path: Path) -> None:
    with written(tmp_path, kind, 2_000).open("rb") as opened:
        found = read(opened)
        whole = sum(entry.contact is not None and not entry.problems for entry in found.entries)
    assert (found.kind, whole) == (kind, 2_000)


@pytest.mark.parametrize("kind", FORMATS)
def test_memory_is_flat(kind: str, tmp_path: Path) -> None:
    peaks = []
    for count in (500, 4_000):
        with written(tmp_path, kind, count).open("rb") as opened:
            tracemalloc.start()
            for _ in read(opened).entries:
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    # Some of it waits for the garbage collector. A pasted list remembers its addresses; the others the record at hand.
    assert peaks[1] < peaks[0] + (3_000_000 if kind == "text" else 400_000)


@pytest.mark.parametrize("kind", FORMATS)
def test_work_that_stopped_goes_on_where_it_was(kind: str, tmp_path: Path) -> None:
    with written(tmp_path, kind, 100).open("rb") as opened:
        whole = list(read(opened).entries)
        assert list(islice(read(opened).entries, 37, None)) == whole[37:]


@pytest.mark.parametrize("what", NONSENSE)
def test_twice_as_much_nonsense_takes_twice_the_steps(what: str) -> None:
    """Counted in lines of our code, so that a busy machine fails no test; `make bench` measures the time."""
    # What is looked at before a file is read at all is bounded, and the same for both.
    once, twice = (steps(NONSENSE[what](size).encode()) for size in (5_000, 10_000))
    assert twice < 2.2 * once + 3_000


def steps(data: bytes) -> int:
    """How many lines of the reader's code run while this is read."""
    count = 0

    def counted(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        nonlocal count
        if "contact_files" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        for _ in read(io.BytesIO(data), more=True).entries:
            pass
        preview(io.BytesIO(data))
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "what", ["an odd mark and pairs", "marks that close another", "folds", "soft breaks in a head"]
)
def test_many_short_lines_of_one_record_take_little_memory(what: str) -> None:
    data = NONSENSE[what](MEGABYTE // 2).encode()
    tracemalloc.start()
    for _ in read(io.BytesIO(data)).entries:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * MEGABYTE


def test_a_file_that_is_too_large_is_not_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    with file.open("wb") as opened:
        opened.truncate(200 * MEGABYTE)  # a sparse file
    with file.open("rb") as opened, pytest.raises(TooLarge, match="200 MB; the largest"):
        read(opened)


def test_after_too_many_entries_the_rest_is_said_to_be_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ENTRIES", 3)
    _, people, problems = read_bytes("Name\nA\nB\nC\nD\nE\n")
    assert ([person["name"] for person in people], problems) == (["A", "B", "C"], [5])


def test_after_too_many_lines_the_rest_is_said_to_be_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.contact_files.decoding.MOST_LINES", 300)
    _, people, problems = read_bytes("Name\n" + "Ann\n" * 400)
    assert (len(people), problems) == (299, [301])


@pytest.mark.parametrize(("columns", "count"), [(10_000, 1), (MOST_COLUMNS + 1, 0)])
def test_columns(columns: int, count: int) -> None:
    header = ",".join(["Name", *(f"c{number}" for number in range(columns - 1))])
    assert len(read_bytes(f"{header}\nAnn{',' * (columns - 1)}\n")[1]) == count


def test_a_row_that_is_too_long_is_left_out_and_the_next_is_read() -> None:
    long = "x" * (LONGEST_RECORD + 1)
    for row in (f"Bob,{long}", f'Bob,"{long}', 'Bob,"' + ("x" * 1_000 + "\n") * 1_100):
        _, people, problems = read_bytes(f"Name,Notes\nAnn,\n{row}\nCal,\n")
        assert (people[0]["name"], people[-1]["name"], problems[0]) == ("Ann", "Cal", 3)


def test_a_card_that_is_too_long_keeps_what_came_before() -> None:
    long = card("FN:Bob", "NOTE:" + "x" * LONGEST_RECORD * 2)
    assert read_bytes(card("FN:Ann") + long + card("FN:Cal"))[1:] == (
        [{"name": "Ann"}, {"name": "Bob"}, {"name": "Cal"}],
        [5],
    )


def test_a_large_photo_is_no_problem() -> None:
    photo = card("FN:Bob", "PHOTO;ENCODING=b:" + "A" * 5 * MEGABYTE, "PHOTO;ENCODING=b:A" + "\r\n BBBBBBBBB" * 300_000)
    assert read_bytes(photo)[1:] == ([{"name": "Bob"}], [])


def test_a_stream_is_not_read_ahead() -> None:
    class Counted(io.BytesIO):
        read_so_far = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.read_so_far += len(data)
            return data

    file = Counted(("Name,Email\n" + "Ann,a@example.org\n" * 50_000).encode())
    entries: Iterator[object] = read(file).entries
    before = file.read_so_far
    next(entries)
    assert file.read_so_far - before < MEGABYTE
