"""The project's own settings for the site that the browser looks at, but that a password costs nothing.

Each test signs in anew, and a real password takes half a second of the processor, there as here.
"""

from mentoring.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
