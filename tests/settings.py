"""Settings for the tests: the project's, with a temporary database and a fast password hasher."""

import os
import tempfile

_var = os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="mentorfolio-test-"))
os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-the-tests-only-for-the-tests-0123"
os.environ["SECURITY_CONTACT"] = "security@example.org"
os.environ["BASE_URL"] = os.environ.get("TEST_BASE_URL", "http://localhost:8000")
os.environ["INCOMING_MAIL_DOMAIN"] = "in.example.org"
os.environ["INCOMING_MAIL_SERVERS"] = "mx.in.example.org"
os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"
os.environ["DEBUG"] = os.environ.get("TEST_DEBUG", "1")
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{_var}/db.sqlite3"
# Nobody answers there, unless a test says so; the browser tests have a real one.
for _name, _value in {
    "OIDC_PROVIDERS": "university",
    "OIDC_UNIVERSITY_NAME": "Example University",
    "OIDC_UNIVERSITY_URL": "http://localhost:9",
    "OIDC_UNIVERSITY_CLIENT_ID": "mentorfolio",
    "OIDC_UNIVERSITY_CLIENT_SECRET": "only for the tests",
    "MAILBOX_GOOGLE_CLIENT_ID": "mentorfolio",
    "MAILBOX_GOOGLE_CLIENT_SECRET": "only for the tests",
}.items():
    os.environ[_name] = _value

from mentoring.settings import *  # noqa: E402, F403
from mentoring.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True
if not os.environ.get("TEST_REAL_PROCESSES"):
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
DATABASES["default"]["OPTIONS"].pop("pool", None)  # type: ignore[attr-defined]
_migrated = os.environ.get("MIGRATED", "")
if os.environ.get("TEST_DATABASE_URL") and _migrated:
    DATABASES["default"]["TEST"] = {"TEMPLATE": _migrated}
