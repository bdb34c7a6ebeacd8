"""Tables as CSV that spreadsheet programs open as they should: UTF-8 with a mark, and nothing in them is a formula."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import StreamingHttpResponse

from accounts import row_security
from accounts.formulas import disarmed
from accounts.models import User

T = TypeVar("T")
MARK = "\ufeff"  # without it, Excel takes UTF-8 for the encoding of its country


@dataclass(frozen=True)
class Sheet(Generic[T]):
    """A table: its file's name, and of each column the title and how it is read from a row and its user."""

    name: str
    columns: Sequence[tuple[str, Callable[[T, User], object]]]

    def lines(self, rows: Iterable[T], user: User) -> Iterator[str]:
        """The file, line by line."""
        line = csv.writer(_Line())
        yield MARK + line.writerow([title for title, _ in self.columns])
        for row in rows:
            yield line.writerow([_cell(read(row, user), user) for _, read in self.columns])


class _Line:
    """What is written is handed back."""

    def write(self, line: str) -> str:
        return line


def _cell(value: object, user: User) -> str | int:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return value
        case dt.datetime():
            return f"{user.local(value):%Y-%m-%d %H:%M}"
        case _:
            return disarmed(str(value))


def download(sheet: Sheet[Any], rows: Iterable[Any], user: User) -> StreamingHttpResponse:
    """The rows as a file to download, sent while they are read."""
    response = StreamingHttpResponse(
        row_security.streamed(user.pk, sheet.lines(rows, user)), content_type="text/csv; charset=utf-8; header=present"
    )
    name = f"mentorfolio-{sheet.name}-{user.today():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
