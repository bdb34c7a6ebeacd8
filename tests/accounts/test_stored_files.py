from __future__ import annotations

import io
import random
import zipfile
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.encryption import Undecryptable
from accounts.models import StoredFile, StoredPart, User
from accounts.stored_files import PART, opened, pieces, store

pytestmark = pytest.mark.django_db

KEY, NEW = "key-" * 12, "new-" * 12
LONG = bytes(range(256)) * (PART // 256) * 2 + b"end"


def stored(user: User, content: bytes = LONG) -> StoredFile:
    return store(owner=user, name="people.csv", content=io.BytesIO(content))


@pytest.mark.parametrize("content", [b"", b"x", LONG[:PART], LONG])
def test_what_is_stored_is_read(alice: User, content: bytes) -> None:
    file = StoredFile.objects.get(pk=stored(alice, content).pk)
    assert file.size == len(content)
    assert opened(file).read() == content
    assert b"".join(pieces(file)) == content
    assert StoredPart.objects.filter(file=file).count() == -(-len(content) // PART)


def test_it_is_sought_in_as_any_file(alice: User) -> None:
    chance = random.Random(7)
    mine, theirs = opened(stored(alice)), io.BytesIO(LONG)
    for _ in range(300):
        start = chance.randrange(len(LONG) + 100)
        whence = chance.randrange(3)
        offset = start - {0: 0, 1: theirs.tell(), 2: len(LONG)}[whence]
        assert mine.seek(offset, whence) == theirs.seek(offset, whence) == start
        size = chance.choice([0, 1, 100, PART, PART + 9])
        assert mine.read(size) == theirs.read(size)
    with pytest.raises(OSError, match="nothing before"):
        mine.seek(-1)


def test_a_zip_can_be_read_from_it(alice: User) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        written.writestr("Connections.csv", LONG)
    with zipfile.ZipFile(opened(stored(alice, content.getvalue()))) as read:
        assert read.read("Connections.csv") == LONG


def test_the_database_has_none_of_its_words(alice: User) -> None:
    stored(alice, b"Priya Shah, cardiology")
    assert b"Priya" not in bytes(StoredPart.objects.get().data)


def test_a_part_of_another_user_is_unreadable(alice: User, charlie: User) -> None:
    mine, theirs = stored(alice, b"mine"), stored(charlie, b"theirs")
    StoredPart.objects.filter(file=mine).update(data=bytes(StoredPart.objects.get(file=theirs).data))
    with pytest.raises(Undecryptable):
        opened(mine).read()


def test_keys_can_be_changed(alice: User, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [KEY]
    file = stored(alice)
    settings.ENCRYPTION_KEYS = [NEW, KEY]
    call_command("rotate_encryption", stdout=StringIO())
    settings.ENCRYPTION_KEYS = [NEW]
    assert opened(file).read() == LONG
    settings.ENCRYPTION_KEYS = [KEY]
    with pytest.raises(CommandError, match="3 left as they are"):
        call_command("rotate_encryption", stdout=StringIO())
    settings.ENCRYPTION_KEYS = [NEW]
    assert opened(file).read() == LONG
