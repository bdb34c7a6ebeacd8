from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from django.urls import reverse

from outreach.approaches import services as approaches
from outreach.drafts import readiness
from outreach.drafts import services as drafts
from outreach.drafts.starters import starter
from outreach.errors import OutreachError
from outreach.follow_ups import send_later
from outreach.models import Approach, Channel, Message, Purpose
from portfolio.models import Need, Person, PersonEmail
from reminders.models import Reminder
from tests.factories import make_approach, make_brief, make_mentorship, make_message, make_need, make_person, make_user
from tests.outreach.helpers import MONDAY, send

pytestmark = [pytest.mark.django_db]


def draft(person: Person, **fields: object) -> Message:
    return make_message(make_approach(person), **{"subject": "Hello", "body": "Dear Bob", **fields})


def test_a_draft_begins_with_the_template_and_prepares_the_approach(bob: Person) -> None:
    approach = make_approach(bob, why_them="you built it")
    first = starter("first-email")
    message = drafts.start_draft(purpose=Purpose.FIRST_APPROACH, template=first, approach=approach)
    assert first
    assert (message.subject, message.body, message.field_values) == (
        first.subject,
        first.body,
        {"why_them": "you built it"},
    )
    assert Approach.objects.get().stage == "preparing"


def test_the_same_press_twice_is_one_draft(bob: Person) -> None:
    approach = make_approach(bob)
    press = {"purpose": Purpose.FIRST_APPROACH, "template": starter("first-email"), "approach": approach}
    assert drafts.start_draft(**press) == drafts.start_draft(**press)


def test_a_draft_needs_a_home() -> None:
    with pytest.raises(ValueError, match="belongs to"):
        drafts.start_draft(purpose=Purpose.FIRST_APPROACH, template=None)


def test_a_follow_up_keeps_subject_thread_and_what_was_typed(bob: Person) -> None:
    approach = make_approach(bob)
    sent = send(approach, subject="My own {topic}", field_values={"topic": "{need} panels"})
    message = drafts.start_draft(purpose=Purpose.FOLLOW_UP, template=starter("follow-up-email"), approach=approach)
    assert (message.subject, message.in_reply_to) == ("Re: My own {topic}", sent)
    assert drafts.ready(message).subject == "Re: My own {need} panels"


def test_values_come_from_what_is_stored_and_typed_ones_cannot_replace_them(bob: Person) -> None:
    make_brief(bob.owner, direction=" lead a group. ")
    message = make_message(
        make_approach(bob, make_need(bob.owner)),
        body="{their_first_name}|{my_first_name}|{my_direction}|{need}|{topic}",
        field_values={"topic": "panels", "their_first_name": "Mallory", "nonsense": "x"},
    )
    assert drafts.ready(message).body == "Bob|Alice|lead a group|be known to funders|panels"


@pytest.mark.parametrize(
    ("fields", "obstacle"),
    [
        ({"body": "{topic}"}, "“What you’d like to ask about” is still empty."),
        ({"body": "{shoe}"}, "{shoe} is not a field we know. Take it out, or choose one from the list."),
        ({"body": "{their_frist_name}"}, "{their_frist_name} is not a field we know. Did you mean {their_first_name}?"),
        (
            {"body": "Dear {{their_first_name}},"},
            "{{their_first_name}} has a brace too many. Write {their_first_name}, with one on each side.",
        ),
        ({"body": "  "}, "The message is still empty."),
        ({"subject": " "}, "The subject is still empty."),
        (
            {"subject": "{topic}", "field_values": {"topic": "x" * 601}},
            "The subject takes 600 characters; this has 601.",
        ),
        ({"channel": Channel.INMAIL, "subject": "x" * 201}, "The subject takes 200 characters; this has 201."),
        ({"channel": Channel.INMAIL, "body": "x" * 1901}, "A LinkedIn InMail takes 1900 characters; this has 1901."),
        (
            {"channel": Channel.LINKEDIN_NOTE, "body": "x" * 201},
            "A LinkedIn connection note takes 200 characters; this has 201.",
        ),
    ],
)
def test_what_blocks_sending_is_named(bob: Person, fields: dict[str, object], obstacle: str) -> None:
    message = draft(bob, **fields)
    assert [one.words for one in drafts.ready(message).obstacles] == [obstacle]
    with pytest.raises(OutreachError) as error:
        drafts.record_sent(message=message)
    assert obstacle in str(error.value)
    message.refresh_from_db()
    assert message.state == "draft"


def test_email_needs_an_address_and_other_channels_do_not(alice_without_address: Person) -> None:
    [obstacle] = drafts.ready(draft(alice_without_address)).obstacles
    assert obstacle.words == "There is no e-mail address for Dora Dent yet."
    assert obstacle.url == reverse("person_edit", args=[alice_without_address.pk])
    Approach.objects.all().delete()
    assert drafts.ready(draft(alice_without_address, channel=Channel.PHONE)).complete


@pytest.fixture
def alice_without_address() -> Person:
    return make_person(make_user(), "Dora Dent")


def test_a_channel_without_subject_ignores_it(bob: Person) -> None:
    ready = drafts.ready(draft(bob, channel=Channel.LINKEDIN_NOTE, subject="{topic}"))
    assert (ready.subject, ready.complete, ready.recipient) == ("", True, "")


def test_a_subject_is_one_line(bob: Person) -> None:
    message = draft(bob, subject="{topic}", field_values={"topic": "one\r\nBcc: two@example.org"})
    assert drafts.ready(message).subject == "one Bcc: two@example.org"


def test_mailto_carries_every_character(bob: Person) -> None:
    body = "Dear Bob & co,\n\n100 % “yes”? a=b#c + ü"
    link = urlsplit(drafts.ready(draft(bob, subject="A&B = C?", body=body)).mailto)
    asked = parse_qs(link.query.replace("+", "%2B"))
    assert (link.scheme, unquote(link.path)) == ("mailto", "bob@example.org")
    assert asked == {"subject": ["A&B = C?"], "body": [body.replace("\n", "\r\n")]}


def test_mailto_cannot_be_given_more_recipients(bob: Person) -> None:
    PersonEmail.objects.update(address="a?cc=eve@example.org")
    assert drafts.ready(draft(bob)).mailto.startswith("mailto:a%3Fcc%3Deve@example.org?subject=")


def test_a_long_message_has_no_mailto(bob: Person) -> None:
    fits = draft(bob, body="x")
    room = readiness.LONGEST_MAILTO - len(drafts.ready(fits).mailto) + 1
    fits.body = "x" * room
    assert len(drafts.ready(fits).mailto) == readiness.LONGEST_MAILTO
    fits.body += "x"
    assert drafts.ready(fits).mailto == ""
    assert drafts.ready(fits).complete


@time_machine.travel(MONDAY, tick=False)
def test_what_was_sent_is_frozen(bob: Person) -> None:
    message = draft(bob, subject="For {their_name}", body="Dear {their_first_name}")
    drafts.record_sent(message=message)
    bob.name = "Somebody Else"
    bob.save()
    PersonEmail.objects.update(address="new@example.org")
    sent = Message.objects.get()
    assert (sent.sent_subject, sent.sent_body, sent.sent_to, sent.at) == (
        "For Dr Bob Brook",
        "Dear Bob",
        "bob@example.org",
        MONDAY,
    )
    EmailMessage()["Subject"] = sent.sent_subject
    with pytest.raises(OutreachError, match="already"):
        drafts.record_sent(message=sent)


def test_a_message_of_a_mentorship_can_be_unsent(bob: Person) -> None:
    mentorship = make_mentorship(bob)
    message = drafts.start_draft(purpose=Purpose.THANK_YOU, template=None, mentorship=mentorship)
    message.subject, message.body = "Thanks", "Dear Bob"
    message.save()
    assert drafts.record_sent(message=message) is None
    drafts.unsend(message=message)
    message.refresh_from_db()
    assert (message.state, message.at, message.sent_body) == ("draft", None, "")
    with pytest.raises(OutreachError):
        drafts.unsend(message=message)


def test_a_message_sent_meanwhile_is_not_thrown_away(bob: Person) -> None:
    stale = draft(bob)
    drafts.record_sent(message=Message.objects.get())
    with pytest.raises(OutreachError):
        drafts.throw_away(message=stale)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("at", "wall"),
    [
        (dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC), dt.time(2, 30)),  # the clocks have gone forward at 1:00
        (dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC), dt.time(0, 30)),
        (dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC), dt.time(1, 30)),  # the first of two 1:30s
    ],
)
@time_machine.travel(MONDAY)
def test_the_reminder_to_send_keeps_the_wall_time(bob: Person, at: dt.datetime, wall: dt.time) -> None:
    send_later.remind_to_send(message=draft(bob), at=at)
    reminder = Reminder.objects.get()
    assert (reminder.wall_time, reminder.due_at) == (wall, at)


@time_machine.travel(MONDAY)
def test_the_reminder_to_send_goes_with_the_draft(bob: Person) -> None:
    message = draft(bob)
    send_later.remind_to_send(message=message, at=MONDAY + dt.timedelta(days=1))
    drafts.throw_away(message=message)
    assert Reminder.objects.get().state == "cancelled"


def test_a_follow_up_stays_under_the_subject_that_went(bob: Person) -> None:
    approach, need = make_approach(bob), make_need(bob.owner, "Panels")
    approaches.set_rationale(approach=approach, why_them="", needs=[need])
    send(approach, subject="About {need}")
    Need.objects.update(words="Boards")
    follow_up = drafts.start_draft(purpose=Purpose.FOLLOW_UP, template=None, approach=approach)
    assert drafts.ready(follow_up).subject == "Re: About Panels"


def test_a_value_with_braces_of_its_own_in_the_subject_blocks_no_follow_up(bob: Person) -> None:
    approach = make_approach(bob)
    send(approach, subject="About {topic}", field_values={"topic": "{sets}"})
    follow_up = drafts.start_draft(purpose=Purpose.FOLLOW_UP, template=None, approach=approach)
    assert drafts.ready(follow_up).subject == "Re: About {sets}"
    assert "{sets}" not in " ".join(one.words for one in drafts.ready(follow_up).obstacles)


def test_thanks_for_a_no_do_not_move_what_has_ended(bob: Person) -> None:
    approach = make_approach(bob)
    approaches.end_approach(approach=approach, outcome=Approach.Outcome.DECLINED)
    drafts.start_draft(purpose=Purpose.GRACEFUL_DECLINE, template=None, approach=approach)
    approach.refresh_from_db()
    assert approach.stage == "shortlisted"


def test_a_draft_begun_on_a_page_of_long_ago_moves_nothing_back(bob: Person) -> None:
    seen = make_approach(bob)
    approaches.move_stage(approach=seen, stage=Approach.Stage.APPROACHED)
    assert seen.stage == "shortlisted"
    drafts.start_draft(purpose=Purpose.THANK_YOU, template=None, approach=seen)
    assert Approach.objects.get().stage == "approached"
