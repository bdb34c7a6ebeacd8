"""Other ways to sign in, and who may sign up, read from the environment.

Every provider speaks OpenID Connect, so each needs only its address, a client id and a secret.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from mentoring import env

SIGN_UP = ("open", "invited", "domain", "closed")
LOCAL = {"localhost", "127.0.0.1", "::1"}
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")

Provider = dict[str, Any]  # as in allauth's SOCIALACCOUNT_PROVIDERS


def providers() -> list[Provider]:
    """The providers that are switched on, in the order of their buttons."""
    found = [
        # ORCID hands out neither name nor address by scope, and refuses a scope it doesn't know.
        _known("orcid", "ORCID", env.text("ORCID_CLIENT_ID", ""), env.secret("ORCID_CLIENT_SECRET", ""),
               env.flag("ORCID_TRUSTED", False), "https://orcid.org", scope=["openid"]),
        _known("google", "Google", env.text("GOOGLE_CLIENT_ID", ""), env.secret("GOOGLE_CLIENT_SECRET", ""),
               env.flag("GOOGLE_TRUSTED", False), "https://accounts.google.com"),
        # Microsoft's issuer has the number of the tenant, also where we know it by its domain.
        _known("microsoft", "Microsoft", env.text("MICROSOFT_CLIENT_ID", ""), env.secret("MICROSOFT_CLIENT_SECRET", ""),
               env.flag("MICROSOFT_TRUSTED", False), _microsoft(env.text("MICROSOFT_TENANT", "")), issuer_by_host=True),
        # LinkedIn's web sign-in answers a code verifier (PKCE) with an error.
        _known("linkedin", "LinkedIn", env.text("LINKEDIN_CLIENT_ID", ""), env.secret("LINKEDIN_CLIENT_SECRET", ""),
               env.flag("LINKEDIN_TRUSTED", False), "https://www.linkedin.com/oauth", oauth_pkce_enabled=False,
               issuer_by_host=True),
    ]  # fmt: skip
    chosen = [provider for provider in found if provider]
    if "microsoft" in {provider["provider_id"] for provider in chosen} and not env.text("MICROSOFT_TENANT", ""):
        raise ImproperlyConfigured("MICROSOFT_TENANT is not set: the id or domain of the tenant, or consumers.")
    for named in env.text("OIDC_PROVIDERS", "").split(","):
        if named.strip():
            chosen.append(_named(named.strip(), {provider["provider_id"] for provider in chosen}))
    return chosen


def _known(key: str, name: str, client_id: str, secret: str, trusted: bool, url: str, **more: Any) -> Provider:
    """One of the providers we know the address of; empty if it is not switched on."""
    if bool(client_id) != bool(secret):
        upper = key.upper()
        raise ImproperlyConfigured(f"{upper}_CLIENT_ID and {upper}_CLIENT_SECRET belong together: set both or neither.")
    return _provider(key, name, client_id, secret, trusted, url, **more) if client_id else {}


def _named(key: str, taken: set[str]) -> Provider:
    """A provider of ``OIDC_PROVIDERS``."""
    if not re.fullmatch(r"[a-z][a-z0-9]{0,29}", key) or key in {"orcid", "google", "microsoft", "linkedin"} | taken:
        raise ImproperlyConfigured(
            f"OIDC_PROVIDERS must name each provider once, in small letters and digits: university, not {key!r}."
        )
    start = f"OIDC_{key.upper()}"
    url = env.text(f"{start}_URL").rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL))
    except ValueError:
        usable = False
    if not usable:
        raise ImproperlyConfigured(f"{start}_URL must be an https address, not {url!r}.")
    return _provider(
        key,
        env.text(f"{start}_NAME"),
        env.text(f"{start}_CLIENT_ID"),
        env.secret(f"{start}_CLIENT_SECRET"),
        env.flag(f"{start}_TRUSTED", False),
        url,
    )


def _provider(key: str, name: str, client_id: str, secret: str, trusted: bool, url: str, **more: Any) -> Provider:
    return {
        "provider_id": key,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": url, "email_authentication": trusted, **more},
    }


def _microsoft(tenant: str) -> str:
    if tenant in {"common", "organizations"}:
        raise ImproperlyConfigured(
            f"MICROSOFT_TENANT must be the id or domain of one tenant, or consumers: with {tenant!r}, any tenant could "
            "vouch for any address."
        )
    return f"https://login.microsoftonline.com/{tenant}/v2.0"


def only_way_in(known: list[Provider]) -> str:
    """The id of the provider that is the only way in; empty if there are others. Its addresses are trusted."""
    only = env.text("SIGN_IN_ONLY_WITH", "")
    if not only:
        return ""
    for provider in known:
        if provider["provider_id"] == only:
            provider["settings"]["email_authentication"] = True
            return only
    raise ImproperlyConfigured(f"SIGN_IN_ONLY_WITH names a provider that is not switched on: {only!r}.")


def sign_up() -> tuple[str, list[str]]:
    """Who may sign up, and from which domains if that is the rule."""
    rule = env.text("SIGN_UP", "open")
    if rule not in SIGN_UP:
        raise ImproperlyConfigured(f"SIGN_UP must be one of {', '.join(SIGN_UP)}, not {rule!r}.")
    domains = [domain.strip().lower() for domain in env.text("SIGN_UP_DOMAINS", "").split(",") if domain.strip()]
    for domain in domains:
        if not DOMAIN.fullmatch(domain):
            raise ImproperlyConfigured(f"SIGN_UP_DOMAINS must be domains such as example.ac.uk, not {domain!r}.")
    if (rule == "domain") != bool(domains):
        raise ImproperlyConfigured("SIGN_UP=domain and SIGN_UP_DOMAINS belong together: set both or neither.")
    return rule, domains
