"""The running product: gunicorn with a separate database file, the demo, and a recording mail server."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oidc_provider_mock
from playwright.sync_api import Page

from mentoring.demo import DEMO_EMAIL, DEMO_PASSWORD
from mentoring.development import door
from tests.fake_google import FakeGoogle
from tests.fake_provider import running
from tests.migrated import copied_to
from tests.servers import SmtpServer, answers, environment, free_port, gunicorn, manage, wait_until

EMPTY_EMAIL, EMPTY_PASSWORD = "new@example.org", "nothing here yet"
MAKE_EMPTY_USER = f"""
from accounts.models import User
from allauth.account.models import EmailAddress
user = User.objects.create_user({EMPTY_EMAIL!r}, {EMPTY_PASSWORD!r}, name="Nia New")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
OFFICE = "office.test"  # the site under a name for which browsers want https, as in an office network without it
# Who can sign in with the local provider.
ELSEWHERE = [
    oidc_provider_mock.User(
        sub="uma", claims={"email": "uma@example.org", "email_verified": True, "name": "Uma University"}
    ),
    oidc_provider_mock.User(sub="nia", claims={"name": "Nia New"}),
]
ACCOUNTS = {"demo": (DEMO_EMAIL, DEMO_PASSWORD), "empty": (EMPTY_EMAIL, EMPTY_PASSWORD)}


@dataclass(frozen=True)
class Site:
    """The site's URL, its mail server, and its database file."""

    url: str
    smtp: SmtpServer
    database: Path
    env: dict[str, str]
    google: FakeGoogle

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def mailbox_address(self) -> str:
        """Opens the development mailbox, once, as the address that `make up` prints."""
        return f"{self.url}/dev/enter/{door.new_token(self.database.parent)}/"


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """The web process with a migrated database, the demo and an empty account. Files are in ``folder``."""
    port = free_port()
    url = f"http://localhost:{port}"
    with (
        SmtpServer() as smtp,
        oidc_provider_mock.run_server_in_thread(user_claims=ELSEWHERE) as provider,
        running(FakeGoogle(address="ffion.marsh@example.org")) as google,
    ):
        env = environment(
            folder,
            smtp=smtp,
            BASE_URL=url,
            ALLOWED_HOSTS=f"localhost,127.0.0.1,{OFFICE}",
            DEBUG="1",
            DJANGO_SETTINGS_MODULE="tests.browser.settings",
            OIDC_PROVIDERS="university",
            OIDC_UNIVERSITY_NAME="Example University",
            OIDC_UNIVERSITY_URL=f"http://localhost:{provider.server_port}",
            OIDC_UNIVERSITY_CLIENT_ID="mentorfolio",
            OIDC_UNIVERSITY_CLIENT_SECRET="only for the tests",
            TEST_GOOGLE=google.url,
        )
        if not copied_to(folder / "db.sqlite3"):
            manage(env, "migrate", "--verbosity=0")
        manage(env, "demo")
        manage(env, "shell", "-c", MAKE_EMPTY_USER)
        with gunicorn(env, port):
            wait_until(lambda: answers(port), 60, what="the site to answer")
            yield Site(url, smtp, folder / "db.sqlite3", env, google)


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("mail").fill(email)
    page.get_by_label("Password", exact=False).first.fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/today/")


def links_in(text: str) -> list[str]:
    return re.findall(r"https?://[^\s<>\"]+", text)
