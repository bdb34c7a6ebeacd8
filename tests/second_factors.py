"""A passkey in software, and factories of second factors.

``SoftKey`` answers as ``navigator.credentials`` does (static/js/passkeys.js sends the same JSON), so that tests
without a browser can sign in by passkey, and send what no honest browser would.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2 import cbor
from fido2.utils import websafe_encode

from accounts.models import User

HERE = "http://localhost:8000"  # BASE_URL of tests/settings.py
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """One passkey. ``verifies`` is whether it asks for a finger, face or PIN."""

    origin: str = HERE
    rp_id: str = "localhost"
    verifies: bool = True
    user_handle: str = ""
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        public = options["publicKey"]
        self.user_handle = public["user"]["id"]
        numbers = self.secret.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        known = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor.encode(key)
        attested = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + known})
        return self._sent(
            clientDataJSON=self._client_data("webauthn.create", public["challenge"]), attestationObject=attested
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._data()
        signature = self.secret.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        sent = self._sent(clientDataJSON=client_data, authenticatorData=data, signature=signature)
        sent["response"]["userHandle"] = self.user_handle
        return sent

    def _data(self, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _sent(self, **response: bytes) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.credential_id),
            "rawId": websafe_encode(self.credential_id),
            "type": "public-key",
            "response": {name: websafe_encode(value) for name, value in response.items()},
            "clientExtensionResults": {},
        }


def make_passkey(user: User, name: str = "Laptop", key: SoftKey | None = None) -> Authenticator:
    handle = websafe_encode(user_pk_to_url_str(user).encode())
    asked = {"publicKey": {"challenge": websafe_encode(os.urandom(32)), "user": {"id": handle}}}
    made: Authenticator = WebAuthn.add(user, name, (key or SoftKey()).create(asked)).instance
    return made


def make_app(user: User) -> str:
    """The app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def make_codes(user: User) -> list[str]:
    return RecoveryCodes.activate(user).get_unused_codes()


def code_of(secret: str, ahead: int = 0) -> str:
    """What the app shows now, or ``ahead`` codes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def remember(client: Client, user: User, *, method: str = "mfa", ago: float = 0) -> None:
    """As if the user had confirmed who they are so many seconds ago, by a second factor or ``password``."""
    session = client.session
    session["account_authentication_methods"] = [{"method": method, "at": time.time() - ago, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def confirmed_client(user: User, *, method: str = "mfa", ago: float = 0) -> Client:
    client = Client()
    client.force_login(user)
    remember(client, user, method=method, ago=ago)
    return client


def operator_client(user: User) -> Client:
    """Signed in with a second factor, as the pages for running the site require."""
    make_app(user)
    return confirmed_client(user)
