"""Takes a file only where a page asks for one: one of them, on disk, within a limit. Any other is read and dropped.

A view says so with :func:`takes_upload`, and asks :func:`refused` why the file it waits for isn't in ``request.FILES``.
What can't be taken is read to its end all the same, so that the browser gets an answer and not a broken connection.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Literal, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

Refusal = Literal["", "too large", "cut short", "no room"]
View = TypeVar("View", bound=Callable[..., HttpResponse])

_LIMIT = "takes_upload"
_STATE = "mentorfolio.upload"


def takes_upload(limit: int) -> Callable[[View], View]:
    """This view takes one file of at most so many bytes from whoever is signed in."""

    def marked(view: View) -> View:
        setattr(view, _LIMIT, limit)
        return view

    return marked


def refused(request: HttpRequest) -> Refusal:
    """Why the file that was sent isn't there: "too large", "cut short", "no room" on the disk; "" if there was none."""
    return _state(request).refused


def dropped(request: HttpRequest) -> int:
    """How many more files came with it, none of which was taken."""
    return _state(request).dropped


@dataclass
class _State:
    refused: Refusal = ""
    dropped: int = 0


def _state(request: HttpRequest) -> _State:
    _ = request.FILES  # reads the request, if nothing has yet
    state = request.META.get(_STATE)
    return state if isinstance(state, _State) else _State()


class OneFileHandler(FileUploadHandler):
    """The site's only upload handler.

    The file has no name on the disk, so that a process which is killed leaves nothing behind.
    """

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self._limit = _limit_of(self.request)
        self._state = _State()
        self._open: IO[bytes] | None = None
        self._had_one = False
        if self.request is not None:
            self.request.META[_STATE] = self._state
        self.request = None  # else the two would hold each other, and the file, until garbage is collected

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._had_one or not self._limit:
            self._state.dropped += self._had_one
            return
        self._had_one = True
        try:
            self._open = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - the request closes it
        except OSError as error:
            self._give_up("no room", error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._open is None:
            return
        if start + len(raw_data) > self._limit:
            self._give_up("too large")
            return
        try:
            self._open.write(raw_data)
        except OSError as error:
            self._give_up("no room", error)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self._open is None:
            return None
        try:
            self._open.seek(0)  # which writes what is still in the buffer
        except OSError as error:
            self._give_up("no room", error)
            return None
        taken, self._open = self._open, None
        return UploadedFile(taken, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra)

    def upload_interrupted(self) -> None:
        if self._open is not None:
            self._give_up("cut short")

    def _give_up(self, why: Refusal, error: OSError | None = None) -> None:
        self._state.refused = why
        if error:
            logger.error("A file that was sent could not be kept: %s", error)
        if self._open is not None:
            with contextlib.suppress(OSError):  # it tries once more to write its buffer
                self._open.close()
            self._open = None


def _limit_of(request: HttpRequest | None) -> int:
    """How many bytes the page that was asked for takes from this user; 0 if it takes no file, or nobody signed in."""
    if request is None or request.resolver_match is None:
        return 0
    limit = int(getattr(request.resolver_match.func, _LIMIT, 0))
    return limit if limit and request.user.is_authenticated else 0
