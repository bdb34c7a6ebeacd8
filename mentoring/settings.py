"""Settings, read from the environment. Safe by default: DEBUG is off and there is no default key.

``.env.example`` explains each variable; an invalid value prevents startup with an error that names it.
"""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from mentoring import env, env_mailbox, env_sign_in

ROOT = Path(__file__).resolve().parent.parent
env.read_file(env.text("ENV_FILE", ""))

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.secret("SECRET_KEY")
if len(SECRET_KEY) < 40:
    raise ImproperlyConfigured("SECRET_KEY must be at least 40 characters long, and random.")
SECRET_KEY_FALLBACKS = env.secret_words("SECRET_KEY_FALLBACKS")
if any(len(key) < 40 for key in SECRET_KEY_FALLBACKS):
    raise ImproperlyConfigured("Each of SECRET_KEY_FALLBACKS must be at least 40 characters long, as SECRET_KEY was.")
ENCRYPTION_KEYS = env.secret("ENCRYPTION_KEYS", "").replace(",", " ").split()  # accounts.encryption
if any(len(key) < 40 for key in ENCRYPTION_KEYS):
    raise ImproperlyConfigured("Each of ENCRYPTION_KEYS must be at least 40 characters long, and random.")
ENCRYPT_NOTES = env.flag("ENCRYPT_NOTES", False)  # accounts.private_notes
if ENCRYPT_NOTES and not ENCRYPTION_KEYS:
    raise ImproperlyConfigured(
        "ENCRYPT_NOTES needs ENCRYPTION_KEYS: a key that is kept, and changed, apart from SECRET_KEY."
    )
VAR_DIR = (ROOT / env.text("VAR_DIR", "var")).resolve()

_base = env.site_url("BASE_URL")
BASE_URL = _base.geturl()
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", _base.hostname)
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# --- The apps, the lowest first -------------------------------------------------------------------

OWN_APPS = ["accounts", "mail", "reminders", "portfolio", "outreach", "meetings", "mentoring"]

INSTALLED_APPS = [
    *reversed(OWN_APPS),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "accounts.session_app.SessionsConfig",
    "crispy_forms",
    "django_htmx",
    "heroicons",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    # These three change only the answer, so they are outside of all that may answer with an error.
    "mentoring.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "mentoring.health.middleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.LocalTimeMiddleware",
    "accounts.middleware.SessionsMiddleware",
    "accounts.middleware.LeavingMiddleware",
    "accounts.middleware.OnlyWayInMiddleware",
    "accounts.middleware.UnreadableNoteMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mentoring.errors.page_for_405",
    "accounts.row_security.middleware",
]

ROOT_URLCONF = "mentoring.urls"
WSGI_APPLICATION = "mentoring.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mentoring.context.site",
            ],
            "builtins": ["mentoring.templatetags.icons"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------

DATABASE_URL = env.secret("DATABASE_URL", f"sqlite:///{VAR_DIR / 'mentorfolio.sqlite3'}")
DATABASES = {"default": env.database(DATABASE_URL, prepared=env.flag("DATABASE_PREPARED", True))}
# With passwords, these PostgreSQL roles can sign in, so that no process that faces the world owns a table.
DATABASE_PASSWORDS = {
    "mentorfolio_web": env.secret("DATABASE_WEB_PASSWORD", ""),
    "mentorfolio_worker": env.secret("DATABASE_WORKER_PASSWORD", ""),
}
PLAIN_QUERIES = env.flag("PLAIN_QUERIES", False)  # accounts.compiled_queries
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all web processes, so that sign-in rate limits apply across them.
# Django keeps 300 rows by default; a stranger could push everybody's limits and used codes out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Signing in -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# E-mail addresses are unique ignoring case, by a constraint on Lower("email") that this check doesn't recognise.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.password_strength.StrengthValidator"}]
# The first hashes; a password hashed by another is hashed anew at the next sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "signed_out"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.sign_in.SignUpForm",
    "login": "accounts.sign_in.SignInForm",
    "add_email": "accounts.sign_in.AddressForm",
    "reset_password": "accounts.sign_in.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.sign_in.NewPasswordForm",
    "change_password": "accounts.sign_in.ChangePasswordForm",
    "set_password": "accounts.sign_in.SetPasswordForm",
    "reauthenticate": "accounts.sign_in.OnceMoreForm",
    "request_login_code": "accounts.sign_in.AskForCodeForm",
    "confirm_login_code": "accounts.sign_in.CodeByMailForm",
}
ACCOUNT_SESSION_REMEMBER = True
# Before anything that changes who can get in (accounts.recent_sign_in), and news of it (accounts.adapter).
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds
ACCOUNT_EMAIL_NOTIFICATIONS = True
# accounts.sign_in_limits counts passwords instead, so that strangers lock nobody out.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "password_strength": "60/m/ip",
    # accounts.typed_addresses: mails to one mailbox, and those that one network causes.
    "typed_address": "5/h/key,10/d/key",
    "typed_address_source": "30/h/ip",
    # Each makes a request to the provider (accounts.provider_views).
    "provider_login": "30/m/ip",
}
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60  # seconds
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme

# --- Passkeys, authenticator app and recovery codes ------------------------------------------------

MFA_ADAPTER = "accounts.second_factors.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Mentorfolio"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds before and after; each code works only once (second_factors.forms)
# Otherwise nobody with a second factor could add an address. Signing in needs a confirmed address in any case.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "accounts.second_factors.forms.SecondStepForm",
    "reauthenticate": "accounts.second_factors.forms.CodeOnceMoreForm",
    "activate_totp": "accounts.second_factors.forms.AppForm",
    "add_webauthn": "accounts.second_factors.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.second_factors.forms.RenamePasskeyForm",
    "login_webauthn": "accounts.second_factors.forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.second_factors.forms.PasskeySecondStepForm",
    "reauthenticate_webauthn": "accounts.second_factors.forms.PasskeyOnceMoreForm",
}
# --- Other ways in, and who may sign up -----------------------------------------------------------

_providers = env_sign_in.providers()
SIGN_IN_ONLY_WITH = env_sign_in.only_way_in(_providers)
SIGN_UP, SIGN_UP_DOMAINS = env_sign_in.sign_up()
SITE_RUN_BY = env.text("SITE_RUN_BY", _base.hostname)
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": _providers}}
SOCIALACCOUNT_ADAPTER = "accounts.ways_in.WaysInAdapter"
SOCIALACCOUNT_FORMS = {"signup": "accounts.sign_in.ByProviderForm"}
# What a provider knows fills in the form; it creates no account by itself.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
# Only where the operator trusts the provider ("email_authentication"); see decision 23.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds

# --- Mail and Celery ------------------------------------------------------------------------------

EMAIL_BACKEND = "mail.backends.OutboxBackend"
DEFAULT_FROM_EMAIL = env.mail_address("DEFAULT_FROM_EMAIL", f"Mentorfolio <hello@{_base.hostname}>")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 10, least=1, most=20)  # seconds, for each step of an SMTP session
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise ImproperlyConfigured("EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other: set one of them to 0.")

# Mail to people who are no users (mail.to_others). All limits are for a day, in UTC.
ABUSE_CONTACT = env.plain_address("ABUSE_CONTACT")
MEETING_LINK_HOSTS = env.hosts(
    "MEETING_LINK_HOSTS",
    "zoom.us,teams.microsoft.com,teams.live.com,meet.google.com,webex.com,meet.jit.si,whereby.com,meet.goto.com,"
    "facetime.apple.com",
)
MAIL_NEW_RECIPIENTS_FIRST_WEEK = env.number("MAIL_NEW_RECIPIENTS_FIRST_WEEK", 5, least=1)
MAIL_NEW_RECIPIENTS = env.number("MAIL_NEW_RECIPIENTS", 20, least=1)
MAIL_NEW_RECIPIENTS_SITE = env.number("MAIL_NEW_RECIPIENTS_SITE", 200, least=1)
MAIL_A_RECIPIENT = env.number("MAIL_A_RECIPIENT", 3, least=1)

# Mail that comes in for drop addresses (mail.receiver, mail.webhook_views); without a domain there are none.
INCOMING_MAIL_DOMAIN = env.host("INCOMING_MAIL_DOMAIN")
INCOMING_MAIL_SERVERS = env.any_hosts("INCOMING_MAIL_SERVERS")
# Whose calls mail.mail_providers can read, and the secret by which they are told from anybody else's.
INCOMING_MAIL_PROVIDER = env.one_of(
    "INCOMING_MAIL_PROVIDER", ("mailersend", "mailgun", "mandrill", "postmark", "sendgrid", "sparkpost")
)
INCOMING_MAIL_SECRET = env.secret("INCOMING_MAIL_SECRET", "")
if INCOMING_MAIL_PROVIDER and not (INCOMING_MAIL_SECRET.isascii() and len(INCOMING_MAIL_SECRET) >= 20):
    raise ImproperlyConfigured(
        "INCOMING_MAIL_PROVIDER needs INCOMING_MAIL_SECRET, of at least 20 characters: without it, anybody could bring "
        "mail in. docs/incoming-mail.md says what it is for your provider."
    )
# Providers whose users can connect their mailbox (mail.connected.oauth).
MAILBOX_PROVIDERS = env_mailbox.providers()
# Hosts and networks that users may name besides the internet's (accounts.outbound).
OUTBOUND_ALLOWED = env.hosts_and_networks("OUTBOUND_ALLOWED")
# Whether users may connect their own mailbox; how many are read at once, by all workers together.
MAILBOXES = env.flag("MAILBOXES", True)
MAILBOXES_AT_ONCE = env.number("MAILBOXES_AT_ONCE", 8, least=1, most=200)

# How long a worker's claim holds: must be longer than the longest SMTP session, or mail may be sent twice.
MAIL_LEASE_SECONDS = env.number("MAIL_LEASE_SECONDS", max(180, 20 * EMAIL_TIMEOUT), least=1, most=3600)
# The wait before the first retry of a mail; later waits grow from it.
MAIL_WAIT_SECONDS = env.number("MAIL_WAIT_SECONDS", 60, least=1, most=3600)
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 15, least=1, most=300)
CELERY_BROKER_URL = env.secret("CELERY_BROKER_URL", "filesystem://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A message is only a wake-up, and the sweep finds the row anyway, so a broker that is down must not delay a page.
CELERY_TASK_PUBLISH_RETRY = False
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_URL = "filesystem://localhost"  # with a host, because kombu warns at every start without one
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "data_folder_in": str(VAR_DIR / "queue"),
        "data_folder_out": str(VAR_DIR / "queue"),
        "control_folder": str(VAR_DIR / "control"),
        "polling_interval": 0.25,  # seconds between looking for wake-ups
    }
elif CELERY_BROKER_URL.startswith(("redis", "rediss")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
    # A worker must not prefetch messages: if Redis goes down, kombu can't return them and the worker ends.
    CELERY_WORKER_DISABLE_PREFETCH = True
elif not CELERY_BROKER_URL.startswith(("amqp", "memory")):
    raise ImproperlyConfigured("CELERY_BROKER_URL must start with filesystem://, redis:// or amqp://.")
# Beat publishes one sweep per interval; it expires after two intervals, so that no backlog builds up.
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "reminders.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": 2 * SWEEP_SECONDS},
    },
}

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = ROOT / env.text("STATIC_ROOT", "staticfiles")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Forms ----------------------------------------------------------------------------------------

CRISPY_ALLOWED_TEMPLATE_PACKS = "mentoring"
CRISPY_TEMPLATE_PACK = "mentoring"
CRISPY_FAIL_SILENTLY = False

# --- Security -------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
_https = _base.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Browsers take a cookie of such a name only over https, for this host alone, so that no neighbour can plant one.
_prefix = "__Host-" if _https else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_prefix}sessionid", f"{_prefix}csrftoken"
DEVICE_COOKIE_NAME = f"{_prefix}device"  # accounts.known_devices
# What browsers are told to forget at sign-out. They take "cookies" for those of the whole registered domain, so only a
# site that has its domain to itself says so: it would sign people out of its neighbours. Ours are deleted either way.
CLEAR_SITE_DATA = ["cache", "storage"]
if f"{_base.hostname}".count(".") < 2:
    CLEAR_SITE_DATA += ["cookies"]
SECURE_SSL_REDIRECT = _https and env.flag("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env.flag("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["accounts.uploads.OneFileHandler"]  # drops what no page asks for
FILE_UPLOAD_TEMP_DIR = env.text("UPLOAD_DIR", "") or None
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Where to report a weakness, for /.well-known/security.txt; without it there is no such file.
SECURITY_CONTACT = env.contacts("SECURITY_CONTACT")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "mentoring.logs.Line",
            "format": "{asctime} {levelname:<7} {name}: {message}{who}",
            "style": "{",
        }
    },
    "filters": {
        "who": {"()": "mentoring.logs.SayWho"},
        "scrub": {"()": "mentoring.logs.ScrubKeys"},
        "brief": {"()": "mentoring.logs.BriefRefusals"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["who", "scrub", "brief"]}
    },
    # Without Django's own handlers, which would log everything twice.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["who", "scrub"]},
        "django.server": {"handlers": [], "propagate": True},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}
