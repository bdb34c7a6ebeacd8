"""Django's backend for PostgreSQL, with values bound by the server, so that it can keep the plans of queries."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import ClientCursor

# The protocol counts the values of a statement in 16 bits.
MOST_VALUES = 65_535
# Each connection has its own plans. All pages together have some hundreds of queries; psycopg keeps 100.
MOST_PLANS = 500
# Before these (major version: minor), a plan could be kept for another role than the one it was made for, and show the
# rows of that one (CVE-2024-10976). Django supports none older than 14.
MINDS_THE_ROLE = {14: 14, 15: 9, 16: 5, 17: 1}


class BindingCursor(base.ServerBindingCursor, psycopg.Cursor[Any]):  # the second, for mypy, is its base anyway
    """Writes the values into the statement where there are too many to be bound."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        if params is not None and len(params) > MOST_VALUES:
            query, params = ClientCursor(self.connection).mogrify(query, params), None
        return super().execute(query, params, **options)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.features.uses_server_side_binding:
            params["cursor_factory"] = BindingCursor
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = MOST_PLANS
        if not keeps_plans_by_role(connection.info.server_version):
            connection.prepare_threshold = None
        return connection


def keeps_plans_by_role(version: int) -> bool:
    """``version`` as the server gives it: 150009 is 15.9."""
    major, minor = divmod(version, 10_000)
    return minor >= MINDS_THE_ROLE.get(major, 0)
