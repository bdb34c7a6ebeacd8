"""The broker for a single machine: files are complete when they appear, and broken files don't crash the reader."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from mentoring.development import filesystem_broker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue").mkdir()
    return tmp_path


@pytest.fixture
def name() -> str:
    """A new queue for each test, because kombu remembers declared queues per process."""
    return f"q{uuid.uuid4().hex}"


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    options = {"data_folder_in": str(folder / "queue"), "data_folder_out": str(folder / "queue")}
    options["control_folder"] = str(folder / "control")
    with Connection("filesystem://", transport_options=options) as connected:
        yield connected


def test_the_filesystem_broker_is_ours(connection: Connection) -> None:
    assert isinstance(connection.transport, filesystem_broker.Transport)


@pytest.mark.parametrize("rubbish", ["", "{", '{"body": "cut o', "\0\0\0"])
def test_a_file_that_cannot_be_read_is_left_out(connection: Connection, folder: Path, name: str, rubbish: str) -> None:
    queue = connection.SimpleQueue(name)
    (folder / "queue" / f"0_half.{name}.msg").write_text(rubbish)
    queue.put({"wake": "up"})
    assert queue.get(timeout=5).payload == {"wake": "up"}
    with pytest.raises(queue.Empty):
        queue.get(block=False)


def test_many_writers_and_a_reader_lose_nothing_and_see_nothing_half(
    connection: Connection, folder: Path, name: str
) -> None:
    def write(writer: int) -> None:
        with connection.clone() as own:
            queue = own.SimpleQueue(name)
            for number in range(50):
                queue.put({"writer": writer, "number": number, "padding": "x" * 2000})

    writers = [threading.Thread(target=write, args=[i]) for i in range(4)]
    queue = connection.SimpleQueue(name)
    for thread in writers:
        thread.start()
    seen = set()
    while len(seen) < 200:
        message = queue.get(timeout=10).payload
        seen.add((message["writer"], message["number"]))
    for thread in writers:
        thread.join()
    assert list((folder / "queue").iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_an_error_the_sender_hears(
    connection: Connection, folder: Path, name: str
) -> None:
    queue = connection.SimpleQueue(name)
    (folder / "queue").rmdir()
    (folder / "queue").write_text("a file in the way")
    with pytest.raises((OperationalError, connection.channel_errors[0])):
        queue.put({"wake": "up"})
