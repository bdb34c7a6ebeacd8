"""The project's own settings for the site that the browser looks at, but what would cost each page time."""

from mentoring.settings import *  # noqa: F403

# Each test signs in anew, and a real password takes half a second of the processor, there as here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Style sheets are asked for once a browser profile, as in production, and not again on each page.
WHITENOISE_MAX_AGE = 600  # seconds
