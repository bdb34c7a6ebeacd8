"""The project's settings for the browser tests, with some changes for speed."""

from mentoring.settings import *  # noqa: F403

# Every test signs in, and the default password hasher takes half a second.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Each browser profile requests style sheets only once, as in production.
WHITENOISE_MAX_AGE = 600  # seconds
