"""A migrated throwaway database with Django set up, for a check that runs by hand, without pytest."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from tests import migrated
from tests.run import throwaway_folder
from tests.servers import PostgresCluster


@contextlib.contextmanager
def in_one_database(*, postgresql: bool = False, plain_queries: bool = False) -> Iterator[None]:
    """Django must not be loaded before. Everything happens in a transaction that is rolled back at the end."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(throwaway_folder())
        url = stack.enter_context(PostgresCluster()).create("mentorfolio") if postgresql else ""
        migrated.make(folder, url)
        os.environ |= {"VAR_DIR": folder, "TEST_DATABASE_URL": url, "MIGRATED": ""}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "PLAIN_QUERIES": str(int(plain_queries))}
        import django

        django.setup()
        from django.conf import settings
        from django.db import transaction
        from django.test.utils import setup_test_environment

        from tests import recent_sign_in

        recent_sign_in.from_force_login()
        backend = settings.EMAIL_BACKEND
        setup_test_environment(debug=False)
        settings.EMAIL_BACKEND = backend  # the test environment replaces it
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
