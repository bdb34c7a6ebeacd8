"""Taking everything out in tests, as a user does."""

from __future__ import annotations

import io
import json
from typing import Any
from zipfile import ZipFile

from django.test import Client

from accounts import jobs, stored_files
from accounts.export import making
from accounts.models import Export, User


def made(user: User) -> Export:
    """An export of this user that is ready."""
    export, _ = making.ask_for(user)
    jobs.run()
    export.refresh_from_db()
    assert (export.work, export.trouble) == ("", "")
    return export


def zip_of(user: User) -> ZipFile:
    export = made(user)
    assert export.file is not None
    return ZipFile(io.BytesIO(stored_files.opened(export.file).read()))


def fetched(client: Client) -> ZipFile:
    """What somebody gets who asks for everything and fetches it."""
    assert client.post("/settings/export/").status_code == 302
    jobs.run()
    response = client.post("/settings/export/file/")
    assert response["Content-Type"] == "application/zip"
    return ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def text_of(client: Client) -> str:
    return fetched(client).read("mentorfolio.json").decode()


def tables_of(client: Client) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(text_of(client))["tables"]
    return tables
