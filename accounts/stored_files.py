"""Files of users, kept in the database in encrypted parts; read and written without holding more than one of them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.db import transaction

from accounts.encryption import Undecryptable, decrypt_bytes, encrypt_bytes, is_current_bytes
from accounts.models import StoredFile, StoredPart, User

PART = 256 * 1024  # bytes
PURPOSE = "stored file"


@transaction.atomic
def store(*, owner: User, name: str, content: BinaryIO) -> StoredFile:
    """Keep everything that can be read from ``content``."""
    file = StoredFile.objects.create(owner=owner, name=name[:200])
    for part in iter(lambda: content.read(PART), b""):
        append(file, part)
    file.save(update_fields=["size"])
    return file


def append(file: StoredFile, part: bytes) -> None:
    """Add a part, of ``PART`` bytes unless it is the last; the caller saves ``file.size``."""
    sealed = encrypt_bytes(part, purpose=PURPOSE, owner_id=file.owner_id)
    StoredPart.objects.create(owner_id=file.owner_id, file=file, number=file.size // PART, data=sealed)
    file.size += len(part)


class Writer:
    """Writes on at the end of a file, as a zip is written, in a transaction. ``close`` keeps what is left."""

    def __init__(self, file: StoredFile) -> None:
        self._file, self._waiting = file, bytearray()
        if rest := file.size % PART:
            last = StoredPart.objects.get(file=file, number=file.size // PART)
            self._waiting += decrypt_bytes(bytes(last.data), purpose=PURPOSE, owner_id=file.owner_id)
            last.delete()
            file.size -= rest

    def tell(self) -> int:
        return self._file.size + len(self._waiting)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) >= PART:
            append(self._file, bytes(self._waiting[:PART]))
            del self._waiting[:PART]
        return len(data)

    def flush(self) -> None:
        """A part is kept when it is full."""

    def close(self) -> None:
        if self._waiting:
            append(self._file, bytes(self._waiting))
            self._waiting.clear()
        self._file.save(update_fields=["size"])


def opened(file: StoredFile) -> BinaryIO:
    """The content, for reading; it can be sought in, as a zip must. Raises ``encryption.Undecryptable``."""
    return io.BufferedReader(_Parts(file), buffer_size=PART)


def pieces(file: StoredFile) -> Iterator[bytes]:
    """The content in parts, for a download."""
    content = opened(file)
    return iter(lambda: content.read(PART), b"")


class _Parts(io.RawIOBase):
    def __init__(self, file: StoredFile) -> None:
        self._file, self._at = file, 0
        self._part: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._file.size}[whence]
        if base + offset < 0:
            raise OSError("a file has nothing before its beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        number, start = divmod(self._at, PART)
        if self._at >= self._file.size:
            return 0
        if self._part[0] != number:
            data = StoredPart.objects.filter(file=self._file).values_list("data", flat=True).get(number=number)
            content = decrypt_bytes(bytes(data), purpose=PURPOSE, owner_id=self._file.owner_id)
            self._part = (number, content)
        piece = self._part[1][start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def rotate() -> tuple[int, int]:
    """Encrypt every part anew with the first key; returns how many, and how many no key opens."""
    rotated = unreadable = 0
    for pk in StoredPart.objects.values_list("pk", flat=True).order_by("pk"):
        with transaction.atomic():
            part = StoredPart.objects.select_for_update().filter(pk=pk).first()
            if part is None:
                continue
            bound: dict[str, Any] = {"purpose": PURPOSE, "owner_id": part.owner_id}
            if is_current_bytes(bytes(part.data), **bound):
                continue
            try:
                part.data = encrypt_bytes(decrypt_bytes(bytes(part.data), **bound), **bound)
            except Undecryptable:
                unreadable += 1
                continue
            part.save(update_fields=["data"])
            rotated += 1
    return rotated, unreadable
