"""From "Open in your mail program" to "they replied" on Today, with nothing pressed; the test is the mailbox."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.site import Site, sign_in
from tests.servers import free_port, mail_receiver, manage, wait_until

pytestmark = pytest.mark.usefixtures("clockwork")

EMAIL, PASSWORD, JULIE = "nell.noted@example.org", "thirteen small words", "julie@example.org"
WORLD = f"""
from accounts.models import User
from allauth.account.models import EmailAddress
from tests.factories import make_approach, make_message, make_person
user = User.objects.create_user({EMAIL!r}, {PASSWORD!r}, name="Nell Noted")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
approach = make_approach(make_person(user, "Julie Hart", email={JULIE!r}))
print(make_message(approach, subject="15 minutes", body="Dear Julie, may I ask you?").get_absolute_url())
"""


def main(page: Page, role: str, name: str) -> None:
    page.get_by_role("main").get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def mail(sender: str, to: str, subject: str, text: str, number: int, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"], message["Date"] = f"<{number}@mail.example.org>", format_datetime(timezone.now())
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def test_a_letter_and_its_answer_note_themselves(open_page: Open, site: Site, faults: list[str]) -> None:
    draft = manage(site.env, "shell", "-c", WORLD).split()[-1]
    page = open_page()
    sign_in(page, EMAIL, PASSWORD)
    page.goto("/settings/")
    main(page, "link", "Mail that notes itself")
    main(page, "button", "Make my private address")
    expect(page.locator("#drop-address")).to_have_text(re.compile(r"nell-\w{8}@in\.example\.org"))
    drop = page.locator("#drop-address").inner_text()

    page.goto(draft)
    expect(page.get_by_text("Julie doesn’t see it")).to_be_visible()
    link = page.get_by_role("link", name="Open in your mail program").get_attribute("href") or ""
    parts = urlsplit(link)
    fields = {name: value for name, [value] in parse_qs(parts.query).items()}
    assert parts.path == JULIE
    assert fields["bcc"].split("+")[0] == drop.split("@")[0]

    port = free_port()
    with mail_receiver(site.env, port) as receiver:
        receiver.wait_for("Takes mail", 60)
        with smtplib.SMTP("127.0.0.1", port) as server:
            # The user's mail server hands over the copy; Bcc is only in the envelope.
            copy = mail(EMAIL, JULIE, fields["subject"], fields["body"], 1)
            server.send_message(copy, EMAIL, [fields["bcc"]])
            page.goto("/today/")
            noted = "SELECT COUNT(*) FROM outreach_message WHERE state = 'sent' AND message_id = '1@mail.example.org'"
            wait_until(lambda: site.sql(noted)[0][0], 60, what="the letter to be noted")
            # Julie answers, and a rule of the mailbox sends the answer on.
            named = {"In_Reply_To": "<1@mail.example.org>"}
            answer = mail(f"Julie Hart <{JULIE}>", EMAIL, "Re: 15 minutes", "Gladly.", 2, **named)
            server.send_message(answer, EMAIL, [drop])
            noted = "SELECT COUNT(*) FROM outreach_message WHERE state = 'received' AND recorded_by_id IS NOT NULL"
            wait_until(lambda: site.sql(noted)[0][0], 60, what="the answer to be noted")
    page.reload()
    expect(page.get_by_role("heading", name="Julie replied")).to_be_visible()
    page.goto("/outreach/mail/")
    row = page.get_by_role("listitem").filter(has_text="They replied")
    row.get_by_role("button", name="That’s wrong").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.goto("/today/")
    expect(page.get_by_role("heading", name="Julie replied")).to_have_count(0)
    assert site.smtp.to(JULIE) == []  # nothing that comes in sends mail to a mentor
    assert faults == []
