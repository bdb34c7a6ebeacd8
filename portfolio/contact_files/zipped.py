"""Finds the one file that is read of a zip, such as LinkedIn's export, without unpacking anything to the disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from portfolio.contact_files.decoding import Source
from portfolio.contact_files.limits import BIGGEST_DIRECTORY, BIGGEST_UNPACKED, Refused

_BROKEN = "a broken zip: download or make it anew"
_TAIL = 22 + 65_535  # the end record and the longest comment after it
ZIP_BEGINS = (b"PK\3\4", b"PK\5\6")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # LZMA may ask for gigabytes of memory


def is_zip(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(4) in ZIP_BEGINS


def member(file: BinaryIO, name: str) -> Source | None:
    """The first file of this name (small letters) in any folder but macOS' own; None without one.

    Raises `Refused` for a zip that is broken, locked, or far larger than what it holds should be.
    """
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, UnicodeError, struct.error) as error:
        raise Refused(_BROKEN) from error
    if "[Content_Types].xml" in archive.NameToInfo:
        raise Refused("a Word or Excel document: save the list as CSV")
    for info in archive.infolist():
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.name.lower() == name and not info.is_dir() and "__macosx" not in map(str.lower, path.parts):
            if info.flag_bits & 1:
                raise Refused("a zip with a password: unpack it, and choose the file with the contacts")
            if info.compress_type not in _METHODS:
                raise Refused("a zip packed in an unusual way: unpack it, and choose the file with the contacts")
            if info.file_size > BIGGEST_UNPACKED:
                raise Refused(f"larger than {BIGGEST_UNPACKED // 1024**2} MB when unpacked")
            return Source(partial(_Member.of, archive, info))
    return None


class _Member(io.RawIOBase):
    """A file of a zip, whose errors are told as `Refused`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    @classmethod
    def of(cls, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
        try:
            return cast(BinaryIO, cls(cast(BinaryIO, archive.open(info))))
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, struct.error) as error:
            raise Refused(_BROKEN) from error

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise Refused(_BROKEN) from error


def _check_directory(file: BinaryIO) -> None:
    """Refuse a list of members that would fill the memory: `zipfile` reads all of it at once."""
    size = file.seek(0, io.SEEK_END)
    start = max(0, size - _TAIL)
    file.seek(start)
    tail = file.read(_TAIL)
    at = len(tail) - 22 if tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise Refused(_BROKEN)
    directory = struct.unpack_from("<L", tail, at + 12)[0]
    if at >= 20 and tail[at - 20 : at - 16] == b"PK\6\7":  # the larger end record of Zip64 stands before
        file.seek(max(0, start + at - 76))
        large = file.read(56)
        if large[:4] != b"PK\6\6":
            raise Refused(_BROKEN)
        directory = struct.unpack_from("<Q", large, 40)[0]
    if directory > BIGGEST_DIRECTORY:
        raise Refused("a zip of far too many files")
