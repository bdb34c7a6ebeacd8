"""The second wall: what PostgreSQL itself lets a request, an operator, a link and a worker see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from allauth.account.models import EmailConfirmation
from allauth.usersessions.models import UserSession
from celery.signals import beat_init, worker_init
from celery.utils.dispatch import Signal
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.backends.signals import connection_created
from django.db.utils import ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import leaving, policies, retention, row_security, security_log
from accounts.models import AddressChange, SecurityEvent, User
from accounts.policies import LOCK, Role, owned_models
from mail import engine
from mail.models import OutgoingMail
from mail.services import queue
from meetings.models import Meeting, ShareLink
from outreach.models import FollowUp, Message
from portfolio.models import Brief, Person, PersonEmail, Reflection, Undoable
from reminders.models import Reminder
from reminders.sweep import gather
from tests import dump
from tests.access_world import make_world
from tests.factories import make_person, make_reflection, make_user
from tests.second_factors import operator_client
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.postgresql


def asked(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def in_a_request(user: User | None, view: Callable[[], object]) -> Any:
    """What a view returns, within the middleware."""
    request, said = RequestFactory().get("/"), []
    request.user = user or User()
    if user is None:
        request.user.pk = None

    def get_response(_: HttpRequest) -> HttpResponse:
        said.append(view())
        return HttpResponse()

    row_security.middleware(get_response)(request)
    return said[0]


@contextmanager
def as_worker() -> Iterator[None]:
    with transaction.atomic(), row_security._acting(Role.WORKER, None):
        yield


# --- What the database says about itself ------------------------------------------------------------


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.db_table)
def test_each_owned_table_has_the_policies_that_its_model_wants(db: None, model: type[models.Model]) -> None:
    table, wanted = model._meta.db_table, policies.wanted(model)
    assert asked("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [(True, True)]
    # PostgreSQL writes expressions in its own way, so compare with the same ones on another table.
    asked("CREATE TABLE another (id bigint, owner_id bigint)")
    for name, rule in policies.policies(wanted.access, ownerless=wanted.ownerless).items():
        asked(f"CREATE POLICY {name} ON another {rule}")
    columns = "SELECT policyname, permissive, roles, cmd, qual, with_check FROM pg_policies WHERE tablename = %s"
    assert sorted(asked(columns, table)) == sorted(asked(columns, "another"))


def test_no_owned_table_is_forgotten(db: None) -> None:
    """Told from the database: a table of ours with an owner is a model's, and has row security."""
    owned = asked("SELECT table_name FROM information_schema.columns WHERE column_name = 'owner_id'")
    assert {name for (name,) in owned} == {model._meta.db_table for model in owned_models()}
    call_command("makepolicies", check=True)


def test_a_model_without_its_policies_is_noticed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reflection, "row_access", {Role.WORKER: LOCK})
    with pytest.raises(CommandError, match="portfolio_reflection"):
        call_command("makepolicies", check=True)


def test_the_roles_own_nothing_and_pass_by_nothing(db: None) -> None:
    rows = asked("SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolinherit FROM pg_roles")
    ours = {name: powers for name, *powers in rows if name.startswith("mentorfolio")}
    assert ours == {str(role): [False, False, False, False] for role in Role}
    owners = asked("SELECT DISTINCT tableowner FROM pg_tables WHERE tablename LIKE %s", "portfolio%")
    assert not {name for (name,) in owners} & set(ours)


# --- A request --------------------------------------------------------------------------------------


@pytest.fixture
def two(db: None) -> tuple[User, User]:
    alice, charlie = make_user("alice@example.org"), make_user("charlie@example.org")
    make_world(alice, "aliceonly")
    make_world(charlie, "charlieonly")
    return alice, charlie


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.db_table)
def test_a_query_without_its_scope_finds_only_ones_own(two: tuple[User, User], model: Any) -> None:
    owners = model._default_manager.values_list("owner", flat=True).distinct().order_by()
    everybodys = set(owners.all())
    assert everybodys >= {user.pk for user in two}, "the world of the test holds none"
    for user in two:
        assert set(in_a_request(user, lambda: list(owners.all()))) == {user.pk}
    assert in_a_request(None, lambda: set(owners.all())) <= {None}
    assert set(owners.all()) == everybodys


def test_another_users_rows_can_neither_be_changed_nor_deleted_nor_made(two: tuple[User, User]) -> None:
    alice, charlie = two
    theirs = Person.objects.filter(owner=charlie).values_list("pk", flat=True)
    ids = list(theirs)
    assert in_a_request(alice, lambda: Person.objects.filter(pk__in=ids).update(name="x")) == 0
    assert in_a_request(alice, lambda: Person.objects.filter(pk__in=ids)._raw_delete("default")) == 0  # type: ignore[attr-defined]
    assert list(theirs.all()) == ids

    def make() -> None:
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            make_person(charlie, "Smuggled in")
        mine = Person.objects.first()
        assert mine is not None
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Person.objects.filter(pk=mine.pk).update(owner=charlie)

    in_a_request(alice, make)


def test_mail_without_an_owner_is_for_nobody_who_is_signed_in(two: tuple[User, User]) -> None:
    queue(purpose="account", subject_id=None, owner=None, recipient="new@example.org", audience="user")
    of_nobody = OutgoingMail.objects.filter(owner=None)
    assert in_a_request(two[0], of_nobody.count) == 0
    assert in_a_request(None, of_nobody.count) == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_on_the_connection_after_a_request() -> None:
    alice = make_user("alice@example.org")
    state = "SELECT current_user = session_user, coalesce(current_setting('mentorfolio.user', true), '')"
    assert in_a_request(alice, lambda: asked(state)) == [(False, str(alice.pk))]
    assert asked(state) == [(True, "")]
    assert row_security._now() == row_security._OUTSIDE


@pytest.mark.django_db(transaction=True)
def test_a_request_that_ends_in_an_error_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    alice = make_user("alice@example.org")
    client.force_login(alice)

    def made_and_failed(*_: object, **__: object) -> HttpResponse:
        make_person(alice, "Half made")
        raise RuntimeError("in the middle of it")

    monkeypatch.setattr("accounts.views.render", made_and_failed)
    assert client.get("/settings/").status_code == 500
    assert not Person.objects.exists()
    assert asked("SELECT 1") == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_the_commit_writes_for_the_user_and_only_then() -> None:
    alice = make_user("alice@example.org")
    seen: list[tuple[bool, int]] = []

    def view() -> None:
        make_person(alice, "Bob Brook")
        transaction.on_commit(lambda: seen.append((connection.in_atomic_block, Person.objects.count())))

    in_a_request(alice, view)
    assert seen == [(True, 1)]


# --- Others than the user --------------------------------------------------------------------------


def test_a_signed_link_finds_its_row_and_then_sees_its_owners(two: tuple[User, User]) -> None:
    alice, charlie = two
    link = ShareLink.objects.filter(owner=charlie).first()
    assert link is not None

    def view() -> tuple[int, set[int | None]]:
        assert ShareLink.objects.count() == ShareLink.objects.filter(owner=alice).count()
        found = row_security.by_link(ShareLink.objects.filter(pk=link.pk))
        return (found.pk if found else 0), set(Person.objects.values_list("owner", flat=True))

    assert in_a_request(alice, view) == (link.pk, {charlie.pk})


def test_looking_for_a_link_shows_no_words(two: tuple[User, User]) -> None:
    def view() -> list[int]:
        with row_security.as_role(Role.LINK):
            return [model.objects.count() for model in (Person, Message, Meeting, OutgoingMail)]

    assert in_a_request(None, view) == [0, 0, 0, 0]


def test_an_operator_sees_the_outbox_of_all_and_nothing_else(two: tuple[User, User]) -> None:
    boss = make_user("boss@example.org", is_staff=True)

    def view() -> list[int]:
        with row_security.as_role(Role.OPERATOR):
            return [model.objects.values("owner").distinct().count() for model in (OutgoingMail, Person, Message)]

    outboxes = OutgoingMail.objects.values("owner").distinct().count()
    assert in_a_request(boss, view) == [outboxes, 0, 0]
    assert operator_client(boss).get("/operator/mail/").status_code == 200


def test_a_kept_plan_of_one_role_shows_nothing_to_another(two: tuple[User, User]) -> None:
    alice, charlie = two
    addressed = User.objects.filter(pk__in=OutgoingMail.objects.values("owner")).order_by("pk").values_list("pk")

    def often() -> set[int]:
        return {pk for _ in range(15) for (pk,) in addressed.all()}  # a plan is kept from the tenth time on

    def view() -> tuple[set[int], set[int]]:
        with row_security.as_role(Role.OPERATOR):
            everybodys = often()
        return everybodys, often()

    everybodys, own = in_a_request(alice, view)
    assert everybodys >= {alice.pk, charlie.pk}
    assert own == {alice.pk}
    assert in_a_request(charlie, often) == {charlie.pk}
    kept = asked("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE %s", "%mail_outgoingmail%")
    assert sum(number for (number,) in kept) > 0


@pytest.mark.django_db(transaction=True)
def test_users_who_share_a_connection_share_its_plans_and_see_only_their_own_rows(only_one_connection: None) -> None:
    users = [make_user(f"{name}@example.org") for name in ("alice", "charlie", "dana", "erin")]
    for number, user in enumerate(users, 1):
        for one in range(number):
            make_person(user, f"Number {one}", email=f"{one}@example.com")
    known = Person.objects.filter(name__startswith="Number")
    with_a_subquery = User.objects.filter(pk__in=known.values("owner")).values_list("pk", flat=True)
    with_a_join = PersonEmail.objects.filter(person__name__startswith="Number").values_list("person__owner", flat=True)

    def seen() -> tuple[Any, ...]:
        return known.count(), {*known.values_list("owner", flat=True)}, {*with_a_subquery.all()}, [*with_a_join.all()]

    def view() -> tuple[Any, ...]:
        return asked("SELECT pg_backend_pid()"), seen()

    def in_turn(user: User) -> tuple[Any, ...]:
        try:
            return in_a_request(user, view)
        finally:
            connection.close()  # gives it back to the pool, as after each request

    connection.close()
    turns = [(number, user) for _ in range(20) for number, user in enumerate(users, 1)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda turn: in_turn(turn[1]), turns))
    assert len({str(backend) for backend, _ in answers}) == 1
    for (number, user), (_, answer) in zip(turns, answers, strict=True):
        assert answer == (number, {user.pk}, {user.pk}, [user.pk] * number)
    kept = asked("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE %s", "%portfolio_person%")
    assert len([number for (number,) in kept if number > 40]) == 4  # the four queries above


@pytest.fixture
def only_one_connection() -> Iterator[None]:
    """All threads use one connection to the database, in turn, from a pool as in production."""
    connection.close()
    connection.settings_dict["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1, "timeout": 30}
    yield
    connection.close()
    connection.close_pool()
    del connection.settings_dict["OPTIONS"]["pool"]


def test_a_line_in_somebody_elses_log_is_written_for_them_and_read_by_nobody_else(two: tuple[User, User]) -> None:
    alice, charlie = two

    def view() -> int:
        security_log.note(charlie, security_log.Kind.WRONG_PASSWORDS)
        return SecurityEvent.objects.filter(owner=charlie).count()

    assert in_a_request(alice, view) == 0
    assert SecurityEvent.objects.filter(owner=charlie, kind="wrong_passwords").count() == 1


def test_a_block_that_fails_gives_the_request_back_to_its_user(two: tuple[User, User]) -> None:
    alice, charlie = two

    def view() -> set[int | None]:
        with pytest.raises(ZeroDivisionError), row_security.acting_for(charlie.pk):
            raise ZeroDivisionError
        with pytest.raises(ProgrammingError), transaction.atomic(), row_security.acting_for(charlie.pk):
            asked("SELECT nothing_like_it")
        return set(Person.objects.values_list("owner", flat=True))

    assert in_a_request(alice, view) == {alice.pk}


# --- Workers ----------------------------------------------------------------------------------------


def test_a_worker_reminds_everybody(two: tuple[User, User], smtp: SmtpServer) -> None:
    Reminder.objects.filter(state="planned").update(due_at=timezone.now() - dt.timedelta(minutes=1))
    OutgoingMail.objects.filter(state="queued").update(due_at=timezone.now() - dt.timedelta(minutes=1))
    planned = Reminder.objects.planned().count()
    assert planned
    with as_worker():
        gather()
        engine.deliver(seconds=30)
        security_log.purge()
    trouble = OutgoingMail.objects.exclude(purpose="login").exclude(last_error="")
    assert list(trouble.values_list("purpose", "last_error")) == []
    assert {to for mail in smtp.mails for to in mail.recipients} >= {user.email for user in two}


def test_a_worker_changes_nothing_that_users_wrote_and_reads_no_more_than_it_needs(two: tuple[User, User]) -> None:
    make_reflection(two[0])
    with as_worker():
        for model in (Reflection, Brief):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                model.objects.count()
        for rows in (Person.objects.all(), FollowUp.objects.all()):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                rows.update(owner=two[0])
        assert Meeting.objects.select_for_update().count()
        with pytest.raises(ProgrammingError), transaction.atomic():
            Meeting.objects.update(id=1)


def test_a_worker_deletes_by_age_and_reads_nothing_of_it(two: tuple[User, User]) -> None:
    unread = [
        *(Undoable.objects.values_list("rows"), Undoable.objects.values_list("owner")),
        *(AddressChange.objects.values_list("before"), Session.objects.values_list("session_data")),
        *(UserSession.objects.values_list("ip"), EmailConfirmation.objects.values_list("key")),
    ]
    with as_worker():
        for rows in unread:
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                list(rows)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Undoable.objects.update(rows="")


@pytest.mark.django_db(transaction=True)
def test_a_worker_erases_who_is_leaving_with_transactions_of_their_own() -> None:
    """As in production, where its connection has the worker's role and each batch is a transaction of the user."""
    leaver, other = make_user("leaver@example.org", name="Leaver Lee"), make_user("other@example.org")
    with transaction.atomic():
        make_world(leaver, "leaveronly")
    make_person(other, "Somebody")
    Undoable.objects.update(at=timezone.now() - dt.timedelta(days=31))
    User.objects.filter(pk=leaver.pk).update(erase_at=timezone.now() - dt.timedelta(seconds=1))
    asked(f"SET ROLE {Role.WORKER}")
    try:
        assert leaving.erase_due() == 1
        assert retention.apply()
    finally:
        asked("RESET ROLE")
    assert dump.found(["leaver"]) == {}
    assert Person.objects.get().owner == other


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("signal", [worker_init, beat_init])
def test_a_worker_takes_its_role_on_every_connection(signal: Signal) -> None:
    starting = [receiver for receiver in signal._live_receivers(None) if receiver.__module__ == "mentoring.celery"]
    try:
        for receiver in starting:
            receiver()
        connection.close()
        assert asked("SELECT current_user") == [(str(Role.WORKER),)]
    finally:
        connection_created.disconnect(dispatch_uid="accounts.worker_role")
        connection.close()


# --- Signing in to the database ---------------------------------------------------------------------


def signed_in_as(role: str) -> psycopg.Connection[Any]:
    settings = connection.settings_dict
    return psycopg.connect(host=settings["HOST"], dbname=settings["NAME"], user=role, autocommit=True)


@pytest.fixture
def with_passwords(settings: Any) -> Iterator[None]:
    settings.DATABASE_PASSWORDS = {Role.WEB: "only for the tests", Role.WORKER: "only for the tests"}
    policies.grant()
    yield
    for role in (Role.WEB, Role.WORKER):
        asked(f"ALTER ROLE {role} NOLOGIN PASSWORD NULL")


@pytest.mark.django_db(transaction=True)
def test_the_web_role_signs_in_and_sees_nobodys_rows_before_it_says_whose(with_passwords: None) -> None:
    alice = make_user("alice@example.org")
    make_person(alice, "Bob Brook")
    with signed_in_as(Role.WEB) as web:
        assert web.execute("SELECT count(*) FROM portfolio_person").fetchone() == (0,)
        assert web.execute("SELECT count(*) FROM accounts_user").fetchone() == (1,)
        with web.transaction():
            web.execute("SELECT set_config('mentorfolio.user', %s, true)", [str(alice.pk)])
            assert web.execute("SELECT count(*) FROM portfolio_person").fetchone() == (1,)
        assert web.execute("SELECT count(*) FROM portfolio_person").fetchone() == (0,)
        web.execute(f"SET ROLE {Role.LINK}")
        web.execute("RESET ROLE")
        for forbidden in (f"SET ROLE {Role.WORKER}", f"SET ROLE {Role.MAINTENANCE}", "DROP TABLE portfolio_person"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(forbidden)


@pytest.mark.django_db(transaction=True)
def test_a_command_for_all_users_says_so_where_it_would_see_none() -> None:
    make_user("alice@example.org")
    with transaction.atomic():
        asked(f"SET LOCAL ROLE {Role.WEB}")
        with pytest.raises(CommandError, match="tables’ owner"):
            call_command("mail", "status")
    call_command("mail", "status")


def test_who_may_not_make_roles_is_told_what_to_run(db: None) -> None:
    asked("CREATE ROLE somebody LOGIN")
    asked("SET LOCAL ROLE somebody")
    with pytest.raises(ImproperlyConfigured, match=f"(?s)superuser.*GRANT {Role.WEB} TO .somebody"):
        policies.make_roles()
    asked("RESET ROLE")
    for role in Role:
        asked(f"GRANT {role} TO somebody")
    asked("SET LOCAL ROLE somebody")
    policies.make_roles()
    asked("RESET ROLE")
