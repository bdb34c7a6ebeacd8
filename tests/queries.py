"""Counting queries."""

from __future__ import annotations

from django.test.utils import CaptureQueriesContext


def count(asked: CaptureQueriesContext) -> int:
    """How many there were, without the beginning and end of a request's transaction, which only PostgreSQL has."""
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in asked)
