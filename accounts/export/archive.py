"""The zip: the JSON with its schema, what each app adds for people to read, and a page that says what is what.

It is written in several goes, each in a short transaction: what was written is in the file, and its directory, which
stands at the end of a zip, is kept in the meantime.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.export.document import lines, schema
from accounts.export.parts import File, Part, parts
from accounts.models import User
from accounts.registry import Entry
from accounts.stored_files import Writer

JSON, SCHEMA, INDEX = "mentorfolio.json", "export.schema.json", "index.html"
_KEPT = ("filename", "date_time", "CRC", "compress_size", "file_size", "header_offset", "flag_bits", "external_attr")
Directory = list[dict[str, Any]]


def write_on(user: User, writer: Writer, directory: Directory, *, seconds: float) -> bool:
    """Write for about so long, at least one file; whether the zip is complete. ``directory`` is changed along."""
    end = time.monotonic() + seconds
    there = {entry["filename"] for entry in directory}
    archive = ZipFile(writer, "w", ZIP_DEFLATED, compresslevel=6)
    for file in files(user):
        if file.path not in there:
            directory.append(_add(archive, file, user))
            if time.monotonic() >= end:
                # It isn't closed, which would write its directory: the next one goes on.
                archive.fp = None
                return False
    _add(archive, _index(user), user)
    archive.filelist[:-1] = [_info(entry) for entry in directory]
    archive.close()
    return True


def files(user: User) -> Iterator[File]:
    """All files but the page that lists them. What is in one is read when it is written."""
    yield File(JSON, lines(user), "Everything, for programs: each table and field, as the schema describes.")
    yield File(SCHEMA, _schema(), "What the fields of mentorfolio.json mean (JSON Schema).")
    for entry in _apps():
        if entry.value.files:
            yield from entry.value.files(user)


def _schema() -> Iterator[str]:
    yield json.dumps(schema(), indent=1, ensure_ascii=False)


def _apps() -> list[Entry[Part]]:
    """The parts, the app furthest down first."""
    return sorted(parts.entries(), key=lambda entry: settings.OWN_APPS.index(entry.key))


def _add(archive: ZipFile, file: File, user: User) -> dict[str, Any]:
    info = ZipInfo(file.path, date_time=user.local(timezone.now()).timetuple()[:6])
    info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
    with archive.open(info, "w") as member:
        for piece in file.content:
            member.write(piece.encode("utf-8", "replace") if isinstance(piece, str) else piece)
    return {name: getattr(info, name) for name in _KEPT}


def _info(entry: dict[str, Any]) -> ZipInfo:
    info = ZipInfo(entry["filename"], date_time=tuple(entry["date_time"]))
    for name in _KEPT[2:]:
        setattr(info, name, entry[name])
    info.compress_type = ZIP_DEFLATED
    return info


def _index(user: User) -> File:
    context = {
        "user": user,
        "made": user.local(timezone.now()),
        "files": [file for file in files(user) if file.about],
        "left_out": sorted({why for part in parts.values() for why in part.left_out.values()}),
        "stays": sorted({why for part in parts.values() for why in part.stays.values()}),
    }
    return File(INDEX, [render_to_string("export/index.html", context)])


def safe_name(text: str) -> str:
    """A piece of a file's name that every system takes: small Latin letters, digits and hyphens; it may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-")
