"""LinkedIn's zip, what pretends to be one, and whom one wrote to."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date

import pytest

from portfolio.contact_files import limits, zipped
from portfolio.contact_files.limits import Refused
from portfolio.contact_files.messages import Written, written_to
from portfolio.contact_files.reading import read
from tests.portfolio.contact_files.reading import names, read_bytes

CONNECTIONS = "First Name,Last Name,Connected On\nGwen,Abara,12 Mar 2023\n"


def zip_of(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


@pytest.mark.parametrize(
    "name", ["Connections.csv", "CONNECTIONS.CSV", "Basic/Export/connections.csv", "a\\Connections.csv"]
)
def test_the_connections_are_read_in_any_case_and_folder(name: str) -> None:
    others = {"Profile.csv": "First Name,Last Name\nNot,Wanted\n", "__MACOSX/Connections.csv": "Name\nNot Wanted\n"}
    found = read_bytes(
        zip_of({**others, "__MACOSX/._Connections.csv": "x", "Connections.csv.txt": "Name\nNo\n", name: CONNECTIONS})
    )
    assert found[0] == "linkedin"
    assert (found[1][0]["name"], len(found[1]), found[2]) == ("Gwen Abara", 1, [])


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"people.csv": "Name\nAnn\n"},
        {"My Connections.csv": CONNECTIONS},
        {"__MACOSX/Connections.csv": CONNECTIONS},
        {"Connections.csv/": ""},
        {"inner.zip": zip_of({"Connections.csv": CONNECTIONS})},
        {"Connections.csv": zip_of({"Connections.csv": CONNECTIONS})},
        {"Connections.csv": ""},
    ],
)
def test_other_zips_are_told(files: dict[str, str | bytes]) -> None:
    assert read_bytes(zip_of(files)) == ("unknown", [], [1])


def test_lines_are_those_of_the_file_inside() -> None:
    assert read_bytes(zip_of({"Connections.csv": f"Notes:\n\n{CONNECTIONS}Bob,,soon\n"}))[2] == [5]


def test_a_bomb_is_refused() -> None:
    bomb = zip_of({"Connections.csv": b"0" * (limits.BIGGEST_UNPACKED + 1)})
    assert len(bomb) < 200_000
    assert read_bytes(bomb) == ("unknown", [], [1])


def test_a_bomb_that_lies_about_its_size_is_no_larger_than_it_says() -> None:
    data = bytearray(zip_of({"Connections.csv": CONNECTIONS + "x" * 10_000_000}))
    at = data.rfind(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<L", len(CONNECTIONS))
    assert read_bytes(bytes(data)) == ("unknown", [], [1])  # its checksum is of another text


def test_too_many_files_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "BIGGEST_DIRECTORY", 1000)
    many = zip_of({f"{n}.csv": "" for n in range(30)} | {"Connections.csv": CONNECTIONS})
    assert read_bytes(many) == ("unknown", [], [1])


def test_a_locked_or_unusually_packed_zip_is_refused() -> None:
    assert read_bytes(zip_of({"Connections.csv": CONNECTIONS}, zipfile.ZIP_LZMA)) == ("unknown", [], [1])
    locked = bytearray(zip_of({"Connections.csv": CONNECTIONS}))
    locked[locked.rfind(b"PK\1\2") + 8] |= 1
    assert read_bytes(bytes(locked)) == ("unknown", [], [1])


def test_a_broken_zip_is_refused_wherever_it_breaks() -> None:
    whole = zip_of({"Connections.csv": CONNECTIONS * 50})
    for at in range(4, len(whole)):
        read_bytes(whole[:at])
        broken = bytearray(whole)
        broken[at] ^= 0xFF
        kind, people, problems = read_bytes(bytes(broken))
        assert problems == [1] or len(people) == 50 or kind == "linkedin"


# --- Messages -----------------------------------------------------------------------------------------

MESSAGES = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,CONTENT,FOLDER\n"
    "1,,Ffion Marsh,https://x.org/f,Gwen Abara,https://x.org/g,2026-01-01 09:00:00 UTC,Secret,"
    '"Secret\nwords, ""so""",INBOX\n'
    "1,,Gwen Abara,https://x.org/g,Ffion Marsh,https://x.org/f,2026-01-02 09:00:00 UTC,,Secret,INBOX\n"
    '2,,Ffion Marsh,https://x.org/f,"Ann Lee,Bob Brook","https://x.org/a,https://x.org/b",2026-01-03 09:00:00 UTC,,x,\n'
    "3,,Ffion Marsh,https://x.org/f,Cal,,soon,,x,\n"
    "4,,Ffion Marsh,https://x.org/f,Ffion Marsh,https://x.org/f,2026-01-04 09:00:00 UTC,,note to self,\n"
)
PROFILE = "First Name,Last Name,Headline\nFfion,Marsh,Clinical academic\n"
GWEN = Written("Gwen Abara", "https://x.org/g", date(2026, 1, 1))
ANN = Written("Ann Lee", "https://x.org/a", date(2026, 1, 3))
BOB = Written("Bob Brook", "https://x.org/b", date(2026, 1, 3))


def test_whom_one_wrote_to_never_the_words() -> None:
    found = list(written_to(io.BytesIO(zip_of({"Profile.csv": PROFILE, "messages.csv": MESSAGES}))))
    assert found == [GWEN, ANN, BOB]
    assert "ecret" not in repr(found)


def test_messages_by_themselves_need_to_know_who_wrote() -> None:
    assert list(written_to(io.BytesIO(MESSAGES.encode()), sender="ffion marsh")) == [GWEN, ANN, BOB]
    assert list(written_to(io.BytesIO(MESSAGES.encode()))) == []
    assert list(written_to(io.BytesIO(zip_of({"messages.csv": MESSAGES})))) == []
    assert list(written_to(io.BytesIO(zip_of({"Profile.csv": PROFILE})))) == []


def test_the_older_messages_have_no_profiles() -> None:
    older = "CONVERSATION ID,FROM,TO,DATE,SUBJECT,CONTENT\n1,Ffion Marsh,Gwen Abara,2026-01-01 09:00:00 UTC,,Hello\n"
    files = zip_of({"Profile.csv": PROFILE, "messages.csv": older})
    assert list(written_to(io.BytesIO(files))) == [Written("Gwen Abara", "", date(2026, 1, 1))]


def test_a_broken_zip_of_messages_is_refused() -> None:
    with pytest.raises(Refused):
        list(written_to(io.BytesIO(b"PK\3\4nonsense")))


def test_a_zip_is_read_again_from_its_start() -> None:
    held = io.BytesIO(zip_of({"Connections.csv": CONNECTIONS}))
    assert [len(list(read(held).entries)) for _ in range(2)] == [1, 1]
    assert names(held.getvalue()) == ["Gwen Abara"]
