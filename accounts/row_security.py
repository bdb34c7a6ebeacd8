"""The second wall: on PostgreSQL, the database itself keeps each user's rows from everybody else.

Every table with an ``owner`` has row-level security (``accounts.policies``). A web request runs in one transaction that
says whose it is, and sees the rows of that user only: a query that forgets to ask for the owner returns nothing of
others. What has to see more takes another role for it. SQLite has no such thing, so there the owner in each query is
the only wall, and all of this does nothing.

User and role are set for the transaction, never for the connection, which a pooler gives to others. See
``docs/decisions/0024-a-second-wall.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

from accounts.policies import Role

if TYPE_CHECKING:
    from accounts.models import User

_T = TypeVar("_T", bound=Model)
_P = TypeVar("_P")


class _Acting(NamedTuple):
    role: str = "none"  # that the connection signed in with
    user: int | None = None


_OUTSIDE = _Acting()


def is_there() -> bool:
    return connection.vendor == "postgresql"


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: each request in a transaction of its user. If the answer is an error of ours, nothing is kept.

    What waits for the commit gets a transaction of its own, so that it can write for the user, too. The innermost, so
    that it still finds what the others keep for the request.
    """

    def in_transaction(request: HttpRequest) -> HttpResponse:
        if not is_there():
            return get_response(request)
        lasting = not connection.in_atomic_block  # else it is the transaction of a test, which goes on
        with transaction.atomic(savepoint=False), _acting(Role.WEB, request.user.pk, to_the_end=lasting):
            response = get_response(request)
            waiting, user = (_end(response) if lasting else []), _now().user
        if waiting:
            with transaction.atomic(), _acting(Role.WEB, user, to_the_end=True):
                for hook in waiting:
                    hook()
        return response

    return in_transaction


def _end(response: HttpResponse) -> list[Callable[[], object]]:
    """What to do after the commit."""
    if response.status_code >= 500:
        transaction.set_rollback(True)
        return []
    waiting: list[Callable[[], object]] = [entry[1] for entry in connection.run_on_commit]
    connection.run_on_commit = []
    return waiting


@contextmanager
def acting_for(user_id: int | None) -> Iterator[None]:
    """For a block, the request is this user's, as when somebody who hasn't signed in caused a line in their log; with
    None, it is nobody's."""
    before = _now()
    if before == _OUTSIDE or before.user == user_id:
        yield
    else:
        with _acting(before.role, user_id):
            yield


def act_for(user_id: int) -> None:
    """From here on, the request is this user's: they have just signed in, or their signed link was opened."""
    if _now() != _OUTSIDE:
        _set(_now()._replace(user=user_id))


def signed_in(sender: object, user: User, **news: object) -> None:
    act_for(user.pk)


@contextmanager
def of_user(user_id: int) -> Iterator[None]:
    """A transaction of this user, for work that is no request: it sees and changes what their own requests may."""
    if not is_there():
        with transaction.atomic():
            yield
        return
    lasting = not connection.in_atomic_block
    with transaction.atomic(), _acting(Role.WEB, user_id, to_the_end=lasting):
        yield


def streamed(user_id: int, pieces: Iterator[_P]) -> Iterator[_P]:
    """The pieces of an answer that is sent while it is read: in a transaction of this user, since the request's own
    is over by then."""
    if not is_there() or connection.in_atomic_block:
        yield from pieces
        return
    with of_user(user_id):
        yield from pieces


@contextmanager
def as_role(role: Role) -> Iterator[None]:
    """For a block, the request may do what this role may."""
    before = _now()
    if before == _OUTSIDE:
        yield
    else:
        with _acting(role, before.user):
            yield


def by_link(rows: QuerySet[_T]) -> _T | None:
    """The row that a signed link names, whosever it is; from here on, the request is its owner's."""
    with as_role(Role.LINK):
        row = rows.first()
    if row is not None:
        act_for(row.owner_id)  # type: ignore[attr-defined]  # as every row with a link
    return row


def become_worker(**news: object) -> None:
    """From here on, every connection of this process has the worker's role."""
    connection_created.connect(_take_the_workers_role, dispatch_uid="accounts.worker_role")


def _take_the_workers_role(sender: Any, connection: Any, **news: object) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {Role.WORKER}")


@contextmanager
def _acting(role: str, user: int | None, *, to_the_end: bool = False) -> Iterator[None]:
    before = _now()
    _set(_Acting(role, user))
    try:
        yield
    finally:
        # A transaction that ends, or has failed, forgets it by itself.
        if to_the_end or connection.connection.info.transaction_status != TransactionStatus.INTRANS:
            _remember(before)
        else:
            _set(before)


def _now() -> _Acting:
    acting: _Acting = getattr(connection, "acting", _OUTSIDE)
    return acting


def _remember(acting: _Acting) -> None:
    connection.acting = acting  # type: ignore[attr-defined]  # each thread has its own


def _set(acting: _Acting) -> None:
    """Begins the transaction, too, if nothing has. One message to the database, past Django's cursor and psycopg's,
    which take longer than the statements do."""
    connection.ensure_connection()
    server = connection.connection.pgconn
    begin = b"BEGIN; " if server.transaction_status == TransactionStatus.IDLE else b""
    user = b"" if acting.user is None else b"%d" % acting.user
    values = (begin, acting.role.encode(), user)
    with connection.wrap_database_errors:
        done = server.exec_(b"%bSET LOCAL ROLE %b; SET LOCAL mentorfolio.\"user\" = '%b'" % values)
        if done.status != ExecStatus.COMMAND_OK:
            raise error_from_result(done)
    _remember(acting)
