"""Row-level security in PostgreSQL: the roles, and the policies of every table with an owner.

A model says in ``row_access`` what roles that serve several users may do with its rows; ``manage.py makepolicies``
writes the migration that says so to the database. ``accounts.row_security`` uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connections, models, transaction
from django.db.migrations.operations.base import Operation
from psycopg import sql


class Role(StrEnum):
    """PostgreSQL roles. All but the last own nothing and see nothing that a policy doesn't let them see."""

    WEB = "mentorfolio_web"  # the rows of one user
    LINK = "mentorfolio_link"  # besides, finds what a signed link names, before it is known whose it is
    OPERATOR = "mentorfolio_operator"  # besides, the outbox, for whoever runs the site
    WORKER = "mentorfolio_worker"  # what it takes to remind everybody, of all users
    MAINTENANCE = "mentorfolio_maintenance"  # everything; the owner of the tables has it, for migrations and commands


READ, LOCK, WRITE, FORGET = "read", "lock", "write", "forget"
# role → READ; LOCK, to read and keep others from changing it meanwhile; WRITE; FORGET, to delete by age without reading
# anything but ``id`` and ``at``.
Access = Mapping[str, str]
_REQUESTS = (Role.WEB, Role.LINK, Role.OPERATOR)
_USER = "NULLIF(current_setting('mentorfolio.user', true), '')::bigint"
# What workers use of tables without an owner.
_WORKERS_TABLES = {
    "accounts_user": "SELECT, UPDATE",
    "account_emailaddress": "SELECT",
    "mail_suppressedaddress": "SELECT, INSERT, UPDATE",
    # What is deleted by age (accounts.retention), by the columns that tell it.
    "mail_sendingday": "SELECT, DELETE",
    "django_session": "SELECT (session_key, expire_date), DELETE",
    "usersessions_usersession": "SELECT (id, session_key, last_seen_at), DELETE",
    "django_cache": "SELECT (cache_key, expires), DELETE",
    "account_emailconfirmation": "SELECT (id, created), DELETE",
    "accounts_failedsignin": "SELECT (key, last_at), DELETE",
    "mail_heartbeat": "SELECT, INSERT, UPDATE, DELETE",
}


def owned_models() -> list[type[models.Model]]:
    """Our models with an ``owner``, those in which it may be empty included."""
    return [model for model in apps.get_models() if _owner_of(model)]


def _owner_of(model: type[models.Model]) -> models.Field[Any, Any] | None:
    if model._meta.app_label not in settings.OWN_APPS:
        return None
    try:
        field: models.Field[Any, Any] = model._meta.get_field("owner")  # type: ignore[assignment]
    except FieldDoesNotExist:
        return None
    return field


def wanted(model: type[models.Model]) -> RowSecurity:
    """The operation that this model asks for."""
    owner = _owner_of(model)
    assert owner is not None
    access = {str(role): verb for role, verb in sorted(getattr(model, "row_access", {}).items())}
    more: dict[str, Any] = {"access": access, "ownerless": owner.null}
    return RowSecurity(model._meta.db_table, **{name: value for name, value in more.items() if value})


def policies(access: Access, *, ownerless: bool = False) -> dict[str, str]:
    """The policies of a table by name, each as the SQL after ``CREATE POLICY name ON table``.

    Rows without an owner (``ownerless``), such as mail to sign up with, are for whoever has not signed in.
    """
    own = f"owner_id = {_USER}"
    if ownerless:
        own += f" OR (owner_id IS NULL AND {_USER} IS NULL)"
    rules = {
        "own_rows": f"TO {', '.join(_REQUESTS)} USING ({own})",
        "maintenance": f"TO {Role.MAINTENANCE} USING (true)",
    }
    for role, may in access.items():
        name = role.removeprefix("mentorfolio_")
        rules[name] = f"FOR {'ALL' if may == WRITE else 'SELECT'} TO {role} USING (true)"
        if may == LOCK:
            rules[f"{name}_locks"] = f"FOR UPDATE TO {role} USING (true) WITH CHECK (false)"
        if may == FORGET:
            rules[f"{name}_forgets"] = f"FOR DELETE TO {role} USING (true)"
    return rules


class RowSecurity(Operation):
    """Migration: put the policies on a table, in place of those it has. Does nothing on SQLite."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, access: Access | None = None, ownerless: bool = False) -> None:
        self.table, self.access, self.ownerless = table, access or {}, ownerless

    def says_the_same_as(self, other: RowSecurity | None) -> bool:
        return other is not None and (self.access, self.ownerless) == (other.access, other.ownerless)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models know nothing of it."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table = schema_editor.quote_name(self.table)
        self._drop(schema_editor)
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, rule in policies(self.access, ownerless=self.ownerless).items():
            schema_editor.execute(f"CREATE POLICY {name} ON {table} {rule}")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table = schema_editor.quote_name(self.table)
        self._drop(schema_editor)
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")

    def _drop(self, schema_editor: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT policyname FROM pg_policies WHERE tablename = %s", [self.table])
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            schema_editor.execute(f"DROP POLICY {name} ON {schema_editor.quote_name(self.table)}")

    def describe(self) -> str:
        return f"Row-level security on {self.table}"

    @property
    def migration_name_fragment(self) -> str:
        return f"row_security_{self.table}"


# --- Roles ----------------------------------------------------------------------------------------

# (role, member): who may take a role for a transaction. Workers take the user's for what one user asked for.
_NOINHERIT_MEMBERS = [(Role.LINK, Role.WEB), (Role.OPERATOR, Role.WEB), (Role.WEB, Role.WORKER)]


def make_roles(using: str = DEFAULT_DB_ALIAS, **news: object) -> None:
    """Before migrating: make the roles that are missing, and make whoever migrates a member of them.

    Raises :class:`ImproperlyConfigured` with the statements if they need somebody with more rights. Roles belong to the
    whole server, so another database may have made them, perhaps at this moment.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'mentorfolio%%'")
        there = {name for (name,) in cursor.fetchall()}
        missing = [role for role in Role if role not in there]
        statements = [f"CREATE ROLE {role} NOLOGIN NOINHERIT" for role in missing]
        cursor.execute("SELECT current_user")
        (me,) = cursor.fetchone()
        for role, member in [*_NOINHERIT_MEMBERS, *((role, me) for role in Role)]:
            if {role, member} & set(missing) or not _is_member(cursor, member, role):
                statements.append(f"GRANT {role} TO {connection.ops.quote_name(member)}")
        for statement in statements:
            try:
                with transaction.atomic(using):
                    cursor.execute(statement)
            except ProgrammingError as error:
                if getattr(error.__cause__, "sqlstate", "") == "42710":  # duplicate_object
                    continue
                together = ";\n".join(statements)
                raise ImproperlyConfigured(
                    f"{me!r} may not make the roles that keep users apart in PostgreSQL. Nothing was migrated. "
                    f"Run this as the server’s superuser, and then migrate again:\n\n{together};\n"
                ) from error


def _is_member(cursor: Any, member: str, role: str) -> bool:
    cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [member, role])
    return bool(cursor.fetchone()[0])


def sees_everything(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether no row is hidden from this connection."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR pg_has_role(oid, %s, 'USAGE')"
            " FROM pg_roles WHERE rolname = current_user",
            [Role.MAINTENANCE],
        )
        return bool(cursor.fetchone()[0])


def grant(using: str = DEFAULT_DB_ALIAS, **news: object) -> None:
    """After migrating: let each role use the tables it needs; and sign in, if it was given a password."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        everything = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public"
        cursor.execute(f"GRANT {everything} TO {', '.join((*_REQUESTS, Role.MAINTENANCE))}")
        cursor.execute(f"REVOKE ALL ON django_migrations FROM {', '.join((*_REQUESTS, Role.MAINTENANCE))}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {Role.WORKER}")
        for table, verbs in {**_WORKERS_TABLES, **_of_workers()}.items():
            cursor.execute(f"GRANT {verbs} ON {connection.ops.quote_name(table)} TO {Role.WORKER}")
        for role, password in settings.DATABASE_PASSWORDS.items():
            if password:
                # No parameter: the server takes none in such a statement.
                cursor.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(Role(role)), password))


def _of_workers() -> dict[str, str]:
    verbs = {READ: "SELECT", LOCK: "SELECT, UPDATE (id)", WRITE: "SELECT, INSERT, UPDATE, DELETE"}
    verbs[FORGET] = "SELECT (id, at), DELETE"
    access = {model._meta.db_table: getattr(model, "row_access", {}).get(Role.WORKER) for model in owned_models()}
    return {table: verbs[may] for table, may in access.items() if may}
