"""The project's settings for the browser tests, with some changes for speed."""

import os

from mentoring.settings import *  # noqa: F403
from mentoring.settings import MAILBOX_PROVIDERS
from tests.fake_google import FakeGoogle

# Every test signs in, and the default password hasher takes half a second.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Each browser profile requests style sheets only once, as in production.
WHITENOISE_MAX_AGE = 600  # seconds

# Google, as far as a mailbox is concerned, is on this machine.
if url := os.environ.get("TEST_GOOGLE"):
    MAILBOX_PROVIDERS["google"] = FakeGoogle.settings_at(url)
    OUTBOUND_ALLOWED = ["127.0.0.1"]
