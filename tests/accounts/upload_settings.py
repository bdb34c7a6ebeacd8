"""For a web process with the addresses of upload_urls.py."""

from tests.browser.settings import *  # noqa: F403

ROOT_URLCONF = "tests.accounts.upload_urls"
