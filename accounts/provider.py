"""OpenID Connect as we speak it: allauth's provider, suspicious of what the other side answers.

allauth finds ``provider_classes`` by the name of this module. It takes the place of its own OpenID Connect app, whose
addresses would also let a visitor choose the parameters of a request to the provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest

LONGEST = 191  # letters of an id, as allauth keeps it
PARTS = ("userinfo", "id_token")  # a provider's answers about a person, the fuller one first
# Never "none", and no shared secret: a key that anybody may read must not be enough to sign with.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LOCAL = {"localhost", "127.0.0.1", "::1"}


@contextmanager
def an_answer() -> Iterator[None]:
    """Whatever can't be read in a provider's answer is the provider's error, never a traceback."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, jwt.PyJWTError) as error:
        raise OAuth2Error(f"unreadable answer: {type(error).__name__}: {error}") from error


class Adapter(OpenIDConnectOAuth2Adapter):
    @property
    def openid_config(self) -> dict[str, Any]:
        with an_answer():
            config: dict[str, Any] = super().openid_config
            for name in ("issuer", "authorization_endpoint", "token_endpoint"):
                where = urlsplit(config[name])
                if where.scheme != "https" and where.hostname not in LOCAL:
                    raise ValueError(name)
            if not _is_issuer(config["issuer"], self.get_provider().app.settings):
                raise ValueError("another issuer than the one we were told of")
        return config

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Also checks the signature, which allauth leaves to TLS."""
        config, name = self.openid_config, jwt.get_unverified_header(id_token).get("kid")
        with get_adapter().get_requests_session() as session:
            answer = session.get(config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        [key] = [key for key in keys if name in {None, key.key_id}]  # unnamed only where there is one
        claims: dict[str, Any] = jwt.decode(
            id_token, key.key, algorithms=ALGORITHMS, issuer=config["issuer"], audience=app.client_id
        )
        jwtkit.verify_jti(claims)
        return claims

    def _fetch_user_info(self, access_token: str) -> dict[str, Any]:
        """What the provider's second address says; empty if it has none, as with some older servers."""
        if "userinfo_endpoint" not in self.openid_config:
            return {}
        found: dict[str, Any] = super()._fetch_user_info(access_token)
        return dict(found.items())

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        with an_answer():
            return super().get_access_token_data(*args, **kwargs)

    def parse_token(self, data: Any) -> Any:
        with an_answer():
            if not isinstance(data["access_token"], str):
                raise TypeError("access_token")
            return super().parse_token(data)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        with an_answer():
            return super().complete_login(request, app, token, **kwargs)


def _is_issuer(issuer: str, known: dict[str, Any]) -> bool:
    """Whether this is the issuer's own address, as we know it; of a few providers we know only the host."""
    url = known["server_url"]
    if known.get("issuer_by_host"):
        return bool(urlsplit(issuer).netloc == urlsplit(url).netloc)
    return bool(issuer.rstrip("/") == url.rstrip("/"))


class Provider(OpenIDConnectProvider):
    oauth2_adapter_class = Adapter

    def serialize(self) -> dict[str, Any]:
        """By its own id, because several providers may know us by the same client id."""
        return {"id": self.app.provider_id}

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The provider's id of the person; both its answers must mean the same one (OpenID Connect Core 5.3.2)."""
        ids = {data[part]["sub"] for part in PARTS if data.get(part)}
        if len(ids) != 1:
            raise ValueError("not one person")
        uid = str(ids.pop())
        if not 0 < len(uid) <= LONGEST:
            raise ValueError("no usable id")
        return uid

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        claims = {**data.get("id_token", {}), **data.get("userinfo", {})}
        return {
            "email": _address(data).get("email", "").lower(),
            "name": claims.get("name"),
            "first_name": claims.get("given_name"),
            "last_name": claims.get("family_name"),
        }

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        """The address, verified only if the provider says so in so many words: some say "false" in quotes."""
        claims = _address(data)
        if not claims:
            return []
        verified = claims.get("email_verified") in (True, "true", "True")
        return [EmailAddress(email=claims["email"].lower(), verified=verified, primary=True)]

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept of the answers: what tells a person which of their accounts it is."""
        kept = self.extract_common_fields(data)
        return {name: kept[name][:254] for name in ("name", "email") if isinstance(kept[name], str)}


def _address(data: dict[str, Any]) -> dict[str, Any]:
    """The answer with a usable address: whether it is verified must be said in the same one. Empty if there is none."""
    for part in PARTS:
        claims: dict[str, Any] = data.get(part, {})
        try:
            validate_email(claims.get("email"))
        except ValidationError:
            continue
        return claims
    return {}


provider_classes = [Provider]
