"""The form that connects the user's own mailbox: address and password first; the servers where they aren't known."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts import outbound
from mail.connected.presets import BY_PERMISSION, Preset, preset_for
from mail.models import ConnectedMailbox

Security = ConnectedMailbox.Security
# By which port TLS comes at once.
TLS_PORTS = {993, 465}


class ConnectMailboxForm(forms.Form):
    address = forms.EmailField(
        label="Your email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="App password",
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Make one in the settings of your mail provider, for this only. You can take it back there.",
    )
    username = forms.CharField(
        label="User name", max_length=254, required=False, help_text="If it is not your email address."
    )
    imap_host = forms.CharField(label="IMAP server, for reading", max_length=253, required=False)
    imap_port = forms.IntegerField(label="Its port", min_value=1, max_value=65_535, initial=993)
    smtp_host = forms.CharField(label="SMTP server, for sending", max_length=253, required=False)
    smtp_port = forms.IntegerField(label="Its port", min_value=1, max_value=65_535, initial=465)

    servers = ("username", "imap_host", "imap_port", "smtp_host", "smtp_port")

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self["address"], self["password"]]

    @property
    def server_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.servers]

    @property
    def asks_for_servers(self) -> bool:
        """Whether the servers are not known, or something about them is wrong."""
        return self.is_bound and any(name in self.errors for name in self.servers)

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for name in ("imap_port", "smtp_port"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        address: str = data.get("address", "")
        preset = preset_for(address)
        domain = address.rpartition("@")[2].lower()
        if domain in BY_PERMISSION:
            self.add_error("address", "Microsoft lets no program in by password. Use a private address instead.")
        for kind, port in (("imap", 993), ("smtp", 465)):
            self._server(data, kind, port, preset)
        return data

    def _server(self, data: dict[str, Any], kind: str, port: int, preset: Preset | None) -> None:
        """Fill in a server that wasn't typed, and check one that was."""
        host, number = f"{kind}_host", f"{kind}_port"
        if not data.get(host) and host not in self.errors and data.get("address"):
            if preset is None:
                self.add_error(host, "We don’t know the servers of this provider. Its help pages name them.")
                return
            data[host], data[number] = getattr(preset, host), getattr(preset, number)
        data[number] = data.get(number) or port
        if not data.get(host):
            return
        try:
            data[host] = outbound.usable_host(data[host].strip())
        except outbound.Refused as trouble:
            self.add_error(host, str(trouble))
            return
        usual = sorted(outbound.MAIL_PORTS & ({143, 993} if kind == "imap" else {465, 587}))
        if data[host] not in settings.OUTBOUND_ALLOWED and data[number] not in usual:
            self.add_error(number, f"Usual are {usual[0]} and {usual[1]}; we don’t connect to others.")

    def values(self) -> dict[str, Any]:
        """For :func:`mail.connected.services.connect`. TLS comes at once or by STARTTLS, as the port says."""
        data = self.cleaned_data
        values = {name: data[name] for name in ("address", "password", *self.servers)}
        for kind in ("imap", "smtp"):
            values[f"{kind}_security"] = _security(data[f"{kind}_host"], data[f"{kind}_port"])
        return {**values, "host": data["imap_host"], "provider": ConnectedMailbox.Provider.IMAP}


def _security(host: str, port: int) -> str:
    if port in TLS_PORTS:
        return Security.TLS
    if port in outbound.MAIL_PORTS or host not in settings.OUTBOUND_ALLOWED:
        return Security.STARTTLS
    return Security.NONE  # a host of the operator's own, on a port of its own
