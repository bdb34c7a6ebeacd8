"""Opens an export that somebody brings: finds the JSON in the zip, within fixed bounds, and tells whether it is one."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any, BinaryIO, NoReturn

from accounts.export.archive import JSON
from accounts.export.document import FORMAT, VERSION
from accounts.jobs import JobFailed

BIGGEST_FILE = 100 * 1024**2  # bytes, of the zip
BIGGEST_JSON = 64 * 1024**2  # bytes, unpacked; 30,000 people take 20 MB
BIGGEST_DIRECTORY = 16 * 1024**2  # bytes, of the list of members, which ``zipfile`` reads at once
_TAIL = 22 + 65_535  # the end record, and the longest comment after it
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others may ask for gigabytes of memory
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError)


class Refused(JobFailed):
    """The file isn't brought in; the text says why, to the user. Nothing was changed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Nothing was changed.")


def read(file: BinaryIO) -> dict[str, Any]:
    """The document in this zip (or the JSON itself). Raises :class:`Refused`."""
    try:
        text = _json_of(file).decode("utf-8-sig")
        document = json.loads(text, parse_constant=_no_number)
    except (RecursionError, ValueError) as error:
        raise Refused("This file is broken, or was changed by another program.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Refused("This isn’t an export from Mentorfolio.")
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        is_newer = isinstance(version, int) and version > VERSION
        raise Refused(
            "This export comes from a newer Mentorfolio than this one, which can’t read it. Ask whoever runs this site "
            "to update it."
            if is_newer
            else "This export is of a version that this Mentorfolio doesn’t know."
        )
    return document


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _json_of(file: BinaryIO) -> bytes:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > BIGGEST_FILE:
        raise Refused(f"This file is larger than {BIGGEST_FILE // 1024**2} MB.")
    if file.read(2) != b"PK":
        file.seek(0)
        return _within(file.read(BIGGEST_JSON + 1))
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            info = archive.getinfo(JSON)
            if info.flag_bits & 1:
                raise Refused("This zip has a password. Unpack it, and bring the file mentorfolio.json instead.")
            if info.compress_type not in _METHODS:
                raise Refused("This zip was packed in an unusual way.")
            with archive.open(info) as member:
                return _within(member.read(BIGGEST_JSON + 1))
    except KeyError as error:
        raise Refused(f"There is no {JSON} in this zip, so it isn’t an export from Mentorfolio.") from error
    except _BROKEN as error:
        raise Refused("This zip is broken. Download it once more.") from error


def _within(content: bytes) -> bytes:
    if len(content) > BIGGEST_JSON:
        raise Refused(f"There is more in this file than the {BIGGEST_JSON // 1024**2} MB that are read.")
    return content


def _check_directory(file: BinaryIO, size: int) -> None:
    start = max(0, size - _TAIL)
    file.seek(start)
    tail = file.read(_TAIL)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise Refused("This zip is broken. Download it once more.")
    is_large = tail[max(0, at - 20) : at].startswith(b"PK\6\7")  # it has a second end record, with other sizes
    if is_large or struct.unpack_from("<L", tail, at + 12)[0] > BIGGEST_DIRECTORY:
        raise Refused("There are too many files in this zip. Unpack it, and bring the file mentorfolio.json instead.")
    file.seek(0)
