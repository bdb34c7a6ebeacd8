"""Signing in with a real browser: password, code by mail, passkey (Chromium's virtual one), app, recovery code."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site
from tests.browser.test_pages import AXE, PHONE, faults_of
from tests.second_factors import code_of
from tests.servers import manage

PASSWORD = "a long enough phrase"
NAMES = ["pat", "kim", "toni", "robin", "sam", "noor"]
MAKE_USERS = f"""
from accounts.models import User
from allauth.account.models import EmailAddress
for name in {NAMES!r}:
    user = User.objects.create_user(f"{{name}}@example.org", {PASSWORD!r}, name=name.title())
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
VIRTUAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module", autouse=True)
def people(site: Site) -> None:
    manage(site.env, "shell", "-c", MAKE_USERS)


class Authenticator:
    """A passkey provider of the browser, such as a phone or a laptop, as Chromium pretends it."""

    def __init__(self, page: Page, **options: Any) -> None:
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable")
        self.id = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**VIRTUAL, **options}})[
            "authenticatorId"
        ]

    def refuse(self) -> None:
        """The person holds the wrong finger, or presses Cancel."""
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})

    def accept(self) -> None:
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": True})

    def forget(self) -> None:
        self.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})


def by_password(page: Page, name: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")


def press(page: Page, words: str) -> None:
    page.get_by_role("main").get_by_role("button", name=words, exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    press(page, "Sign out")
    page.wait_for_url("**/")


def add_passkey(page: Page, name: str) -> None:
    page.goto("/account/signing-in/")
    page.get_by_role("link", name=re.compile("Add .*passkey")).first.click()
    page.get_by_label("Name of this passkey").fill(name)
    press(page, "Add a passkey")


def expect_signed_in(page: Page, path: str = "/today/") -> None:
    expect(page).to_have_url(re.compile(rf"^https?://[^/]+{path}$"))
    expect(page.locator("body")).to_have_attribute("data-user", re.compile(r"\d+"))


def code_in_the_mail(site: Site, address: str) -> str:
    rows = site.sql("SELECT content FROM mail_outgoingmail WHERE recipient = ? ORDER BY id DESC LIMIT 1", address)
    part = message_from_bytes(bytes(rows[0][0]), policy=policy.default).get_body(("plain",))
    found = re.search(r"^([A-Z]{4}-[A-Z]{4})$", str(part.get_content()) if part else "", re.MULTILINE)
    assert found
    return found[1]


def looks_right(page: Page) -> None:
    """According to Axe, as the page is now."""
    page.evaluate(AXE.axe_script)
    assert faults_of(page) == []


def test_a_code_by_mail(site: Site, open_page: Open, faults: list[str]) -> None:
    page = open_page(**PHONE)
    page.goto("/account/login/?next=/people/")
    page.get_by_role("link", name="Get a code by mail").click()
    page.get_by_label("E-mail address").fill("pat@example.org")
    looks_right(page)
    press(page, "Send me a code")
    page.wait_for_url("**/account/login/code/confirm/**")
    looks_right(page)
    page.get_by_label("Code").fill("BBBB-BBBB")
    press(page, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("This isn’t the code we sent last.")
    page.get_by_label("Code").fill(code_in_the_mail(site, "pat@example.org").lower())
    press(page, "Sign in")
    expect_signed_in(page, "/people/")
    assert faults == []


def test_a_passkey_as_the_only_way_in(open_page: Open, faults: list[str]) -> None:
    page = open_page(**PHONE)
    device = Authenticator(page)
    by_password(page, "kim")
    expect_signed_in(page)
    add_passkey(page, "Kim’s laptop")
    page.wait_for_url("**/recovery-codes/")
    expect(page.locator("#codes li")).to_have_count(10)
    looks_right(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download codes").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    page.get_by_role("link", name="I’ve kept them").click()
    expect(page.get_by_role("heading", name="Your account is well protected")).to_be_visible()
    looks_right(page)

    page.get_by_role("link", name="Remove your password").click()
    press(page, "Remove my password")
    expect(page.get_by_text("You have none, and need none.")).to_be_visible()

    sign_out(page)
    page.goto("/account/login/?next=/people/")
    looks_right(page)
    press(page, "Use a passkey")
    expect_signed_in(page, "/people/")
    page.goto("/account/signing-in/")
    expect(page.get_by_text("last used").first).to_be_visible()

    sign_out(page)
    by_password(page, "kim")
    expect(page.get_by_role("alert")).to_be_visible()

    page.goto("/account/login/")
    device.forget()
    device.refuse()
    press(page, "Use a passkey")
    expect(page.get_by_text("No passkey was used: it was cancelled")).to_be_visible()
    looks_right(page)
    assert faults == []


def test_a_passkey_after_the_password_or_a_recovery_code_instead(open_page: Open, faults: list[str]) -> None:
    page = open_page()
    device = Authenticator(page)
    by_password(page, "robin")
    expect_signed_in(page)
    add_passkey(page, "Phone")
    page.wait_for_url("**/recovery-codes/")
    code = page.locator("#codes li").first.inner_text()

    sign_out(page)
    by_password(page, "robin")
    page.wait_for_url("**/signing-in/authenticate/")
    looks_right(page)
    device.refuse()
    press(page, "Use a passkey")
    expect(page.get_by_text("No passkey was used: it was cancelled")).to_be_visible()
    device.accept()
    press(page, "Use a passkey")
    expect_signed_in(page)

    for again in (False, True):
        sign_out(page)
        by_password(page, "robin")
        page.get_by_label("Code").fill(code)
        press(page, "Sign in")
        if not again:
            expect_signed_in(page)
            expect(page.get_by_text("You used a recovery code and have nine recovery codes left.")).to_be_visible()
    expect(page.get_by_role("alert").first).to_contain_text("has been used already")
    press(page, "Start again")
    page.wait_for_url("**/account/login/")
    assert faults == []


def test_the_app_after_the_password(open_page: Open, faults: list[str]) -> None:
    page = open_page()
    by_password(page, "toni")
    expect_signed_in(page)
    page.goto("/account/signing-in/")
    looks_right(page)
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_text("Can’t scan it?").click()
    secret = page.locator("#key").inner_text()
    looks_right(page)
    page.get_by_label("Code from your app").fill(code_of(secret))
    press(page, "Set up app")
    page.wait_for_url("**/recovery-codes/")

    sign_out(page)
    by_password(page, "toni")
    page.wait_for_url("**/signing-in/authenticate/")
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    page.get_by_label("Code").fill("12")
    press(page, "Sign in")
    expect(page.get_by_role("alert").first).to_contain_text("This code isn’t right")
    page.get_by_label("Code").fill(code_of(secret, ahead=1))
    press(page, "Sign in")
    expect_signed_in(page)
    assert faults == []


def test_a_device_that_has_a_passkey_already_or_refuses_says_so(open_page: Open, faults: list[str]) -> None:
    page = open_page()
    device = Authenticator(page)
    by_password(page, "sam")
    expect_signed_in(page)
    device.refuse()
    add_passkey(page, "Laptop")
    expect(page.get_by_text("No passkey was made: it was cancelled, or took too long.")).to_be_visible()
    expect(page.get_by_label("Name of this passkey")).to_have_value("Laptop")
    looks_right(page)
    device.accept()
    press(page, "Add a passkey")
    page.wait_for_url("**/recovery-codes/")
    add_passkey(page, "Laptop")
    expect(page.get_by_text("This device already has a passkey for your account.")).to_be_visible()
    assert faults == []


def test_without_scripts_or_passkeys_the_page_says_what_else_there_is(open_page: Open, faults: list[str]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/account/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    by_password(page, "noor")
    page.goto("/account/signing-in/passkeys/add/")
    expect(page.get_by_text("This browser can’t use passkeys here.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_have_count(0)
    assert faults == []
