"""The data of the access test: every route with the arguments and form fields it needs, and everything a user can own.

A new route goes into one of PUBLIC, KEYED, MINE, OWNED or DEV below. OWNED names the row of :class:`World`
whose id is in the URL; if its POST needs fields, add them to FIELDS (or OVERRIDES for one route).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts import addresses, leaving, sign_up
from accounts.addresses import undo_token
from accounts.models import AddressChange, Export, Restore, SecurityEvent, SignUpLink, StoredFile, User
from accounts.stored_files import store
from mail.models import ConnectedMailbox, DropAddress, IncomingMail, MailMonth, OutgoingMail, SuppressedAddress
from mail.stop_links import token_for as stop_token
from mail.suppression import suppress
from meetings.agenda.suggestions import Suggestion, as_text
from meetings.calendar.feed import token_for as feed_token
from meetings.models import (
    Action,
    AgendaItem,
    CalendarFeed,
    CalendarTalk,
    Impression,
    Invitation,
    Meeting,
    MentorWord,
    OfferedTime,
    OwnCalendar,
    SavedAgenda,
    Series,
    ShareLink,
)
from meetings.signed_links import token_for as page_token
from outreach.approaches import services as approaches
from outreach.drafts import services as drafts
from outreach.drafts.starters import starter
from outreach.models import Approach, FollowUp, Introduction, Message, MessageTemplate, Purpose
from portfolio.mentorships.services import end_mentorship, open_mentorship
from portfolio.models import (
    Brief,
    Contact,
    ContactImport,
    CouldHelp,
    EvaluationDate,
    FormalTerms,
    ImportedContact,
    Knows,
    Mentorship,
    MentorshipEvent,
    Need,
    Person,
    PersonEmail,
    PersonLink,
    PersonTag,
    PlaceToLook,
    Reflection,
    ReflectionLink,
    ReflectionRhythm,
    Review,
    ReviewNote,
    Support,
    Tag,
    Undoable,
    WalkStop,
    WhatCameOfIt,
)
from portfolio.needs import briefs
from portfolio.people import places, undo
from reminders import kinds
from reminders import services as reminder_services
from reminders.links import off_token, token_for
from reminders.models import Digest, Reminder, Telling
from reminders.views import UNDO
from tests import factories as make
from tests.second_factors import make_app, make_codes, make_passkey


def names(text: str) -> list[str]:
    return text.split()


# Public pages, which show no user's data.
PUBLIC = set(
    names(
        """
        front healthz readyz account_login account_logout account_inactive account_signup
        account_email_verification_sent account_reset_password account_reset_password_done
        account_reset_password_from_key_done account_confirm_login_code signed_out
        security_txt notes_about_me password_strength account_request_login_code mfa_authenticate mfa_login_webauthn
        socialaccount_signup socialaccount_login_cancelled incoming_mail_webhook
        """
    )
)
# Pages for anybody who has the signed URL.
KEYED: dict[str, Callable[[World], dict[str, Any]]] = {
    "reminder_link": lambda world: {"token": token_for(world.reminder)},
    "reminders_off": lambda world: {"token": off_token(world.owner, ["gentle"])},
    "stop_mail": lambda world: {"token": stop_token("somebody@example.org")},
    "mentor_page": lambda world: {"token": page_token(world.share)},
    "mentor_file": lambda world: {"token": page_token(world.share)},
    "account_keep": lambda world: {"token": leaving.token_for(world.owner)},
    "addresses_undo": lambda world: {"token": undo_token(world.address_change, world.owner.email)},
    "calendar_feed": lambda world: {"token": feed_token(world.feed)},
    "account_confirm_email": lambda world: {"key": "no-such-key"},
    "openid_connect_login": lambda world: {"provider_id": "university"},
    "openid_connect_callback": lambda world: {"provider_id": "university"},
    "invited": lambda world: {"token": sign_up.token_for(world.sign_up_link)},
    "account_reset_password_from_key": lambda world: {"uidb36": "1", "key": "no-such-key"},
}
# Signed in: the user's own pages, without an id in the URL.
MINE = set(
    names(
        """
        today portfolio portfolio_coverage portfolio_timeline settings security_events what_is_kept export export_file
        development_log development_log_csv people_csv approaches_csv meetings_csv bring_in erase briefs brief_start
        needs need_new people people_suggestions people_bulk contact_imports contacts_untouched new_posts
        new_posts_settle person_new incoming_mail drop_address connected_mailbox_permit connected_mailbox_permitted
        connected_mailbox connected_mailbox_connect connected_mailbox_read connected_mailbox_off
        outreach outreach_list places places_start place_new walk walk_again walk_done walk_source walk_paste
        approach_new approach_open introductions introduction_open message_new templates template_new meetings
        meeting_new agendas agenda_new calendar calendar_open calendar_show calendar_close own_calendar
        own_calendar_read own_calendar_off own_calendar_talks own_calendar_account
        own_calendar_choose calendar_talks account_email
        reauthenticate_by_code account_change_password account_set_password account_reauthenticate mfa_index
        mfa_reauthenticate mfa_reauthenticate_webauthn mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes
        mfa_generate_recovery_codes mfa_download_recovery_codes mfa_list_webauthn mfa_add_webauthn password_remove
        usersessions_list sessions_end_others socialaccount_connections reflect reflect_rhythm reflection_new reviews
        review_new reminders reminders_test
        """
    )
)
# Signed in, with the id of a row the user owns: its name in the World.
OWNED: dict[str, list[str]] = {
    "brief": names("brief brief_step brief_finish brief_need_add brief_needs_take brief_need_take brief_need_let_go"),
    "need": names("need need_edit need_close need_could_help suggestion_dismiss"),
    "closed_need": ["need_reopen"],
    "idea": ["could_help_dismiss", "could_help_restore"],
    "spare": names(
        """
        person person_edit person_delete person_erase person_merge person_could_help contact_add knows_add
        mentorship_new walk_could_help person_mentioned
        """
    ),
    "contact_import": names(
        """
        contact_import contact_import_columns contact_import_map contact_import_choose contact_import_start
        contact_import_stop contact_import_undo contact_import_discard contact_import_shortlist
        """
    ),
    "asking_mail": ["incoming_mail_answer"],
    "asking_talk": names("calendar_talk_answer"),
    "noted_talk": names("calendar_talk_wrong calendar_talk_unanswer"),
    "talk_ahead": names("calendar_talk_plan"),
    "noted_mail": names("incoming_mail_wrong incoming_mail_address"),
    "place": names("place place_edit place_delete place_state place_look_again place_restore"),
    "mentor": names("share share_issue share_renew share_revoke words_seen"),
    "tag": ["tag_edit"],
    "contact": ["contact_remove"],
    "knows": ["knows_remove"],
    "mentorship": names(
        """
        mentorship mentorship_edit mentorship_pause mentorship_resume mentorship_end mentorship_friends
        mentorship_not_friends direction_share direction_unshare support_add mentorship_rhythm giving_back
        formal_terms formal_remove mentorship_turn_informal mentorship_formal_again evaluation_add agreement
        agreement_edit outcome_add
        """
    ),
    "ended_mentorship": ["mentorship_reopen"],
    "support": ["support_end", "support_restore"],
    "event": ["event_edit"],
    "evaluation": names("evaluation_done evaluation_undone evaluation_remove"),
    "outcome": names("outcome_edit outcome_delete"),
    "undoable": ["people_undo", "put_back"],
    "approach": names(
        """
        approach approach_edit approach_move approach_reply approach_replied approach_end approach_rest
        approach_become approach_undo approach_plan approach_research approach_silence approach_no approach_suggested
        """
    ),
    "resting": ["approach_wake"],
    "draft": names("message message_file message_send message_stop message_sent message_remind message_delete"),
    "uncertain": ["message_went"],
    "introduction": names("introduction introduction_move introduction_undo introduction_delete"),
    "letter": ["message_unsend"],
    "template": names("template template_up template_down template_put_away template_bring_back template_delete"),
    "meeting": names(
        """
        meeting meeting_edit meeting_notes meeting_hold meeting_unhold meeting_cancel meeting_reinstate item_add
        action_add agenda_keep meeting_before meeting_talk meeting_wrap_up meeting_summary
        meeting_answer meeting_agreed meeting_times meeting_invite meeting_file
        agenda_suggest series_end
        """
    ),
    "saved": names("agenda_edit agenda_delete"),
    "item": names("item_edit item_up item_down item_place item_talked item_park item_drop item_reopen"),
    "action": names("action_edit action_done action_undone action_delete"),
    "reminder": ["reminder", "reminder_act", "reminder_snooze", "reminder_unsnooze"],
    "reflection": names("reflection reflection_edit reflection_delete"),
    "review": names("review review_edit review_delete"),
    "passkey": names("mfa_edit_webauthn mfa_remove_webauthn"),
    "session": ["session_end"],
    "linked": ["way_in_unlink"],
}
# For staff; everybody else gets a 404.
STAFF: dict[str, Callable[[World], dict[str, Any]]] = {
    "operator_mail": lambda world: {},
    "operator_mail_retry_all": lambda world: {},
    "operator_mail_retry": lambda world: {"pk": world.mail.pk},
    "operator_mail_set_aside": lambda world: {"pk": world.mail.pk},
    "operator_mail_stop": lambda world: {},
    "operator_mail_lift": lambda world: {"pk": SuppressedAddress.objects.earliest("pk").pk},
    "operator_links": lambda world: {},
    "operator_link_make": lambda world: {},
    "operator_link_end": lambda world: {"pk": world.sign_up_link.pk},
}
DEV = {"dev_components", "dev_components_confirm", "dev_enter", "mailbox", "mailbox_mail", "mailbox_html"}

ROW_OF = {route: row for row, routes in OWNED.items() for route in routes}
KNOWN = PUBLIC | set(KEYED) | MINE | set(ROW_OF) | set(STAFF) | DEV

# URL arguments of pages without an id.
WITHOUT_A_ROW: dict[str, dict[str, Any]] = {
    "walk_source": {"source": "circle"},
    "walk_paste": {"source": "circle"},
    "connected_mailbox_permit": {"provider": "google"},
    "connected_mailbox_permitted": {"provider": "google"},
    "outreach_list": {"place": "approached"},
}
# URL arguments besides the id, or instead of one.
MORE: dict[str, Callable[[World], dict[str, Any]]] = {
    "brief_step": lambda world: {"step": "why-now"},
    "brief_need_let_go": lambda world: {"need": world.need.pk},
    **{route: (lambda world, route=route: WITHOUT_A_ROW[route]) for route in WITHOUT_A_ROW},
    "place_restore": lambda world: {"state": "looked", "on": "2026-03-01"},
    "approach_undo": lambda world: {"event": world.approach.events.latest("pk").pk},
    "introduction_undo": lambda world: {"state": "asked"},
    "reminder_act": lambda world: {"name": "replied"},
    "reminder_unsnooze": lambda world: {
        "before": signing.dumps(
            [world.reminder.pk, world.reminder.snoozes, world.reminder.state, f"{world.reminder.wished_on}"], salt=UNDO
        )
    },
}
# Further addresses of a route: the same page in another state, or about a row in another state.
ALSO: dict[str, Callable[[World], list[str]]] = {
    "approach": lambda world: [reverse("approach", args=[world.silent.pk])],
    "brief_step": lambda world: [reverse("brief_step", args=[world.brief.pk, step.slug]) for step in briefs.STEPS],
    "contact_import": lambda world: [
        *(f"{world.url('contact_import')}?show={tab}" for tab in ("new", "changed", "maybe", "same", "unreadable")),
        *(row.get_absolute_url() for row in (world.brought_in, world.odd_table)),
    ],
    "contact_import_columns": lambda world: [reverse("contact_import_columns", args=[world.odd_table.pk])],
    "contact_import_undo": lambda world: [reverse("contact_import_undo", args=[world.brought_in.pk])],
    "contact_import_shortlist": lambda world: [reverse("contact_import_shortlist", args=[world.brought_in.pk])],
    "meeting": lambda world: [reverse("meeting", args=[row.pk]) for row in (world.held, world.quiet)],
    "meeting_edit": lambda world: [reverse("meeting_edit", args=[world.held.pk])],
    "mentorship": lambda world: [
        reverse("mentorship", args=[row.pk]) for row in (world.formal, world.ended_mentorship)
    ],
    "mentorship_edit": lambda world: [reverse("mentorship_edit", args=[world.formal.pk])],
    "message": lambda world: [
        reverse("message", args=[row.pk]) for row in (world.letter, world.thanks, world.uncertain)
    ],
    "person_erase": lambda world: [
        reverse("person_erase", args=[row.person_id]) for row in (world.meeting, world.approach)
    ],
    "person_merge": lambda world: [f"{world.url('person_merge')}?other={world.mentor.pk}"],
    "message_sent": lambda world: [reverse("message_sent", args=[world.thanks.pk])],
    "people_undo": lambda world: [reverse("people_undo", args=[world.gone_tag.pk])],
    "reflection": lambda world: [reverse("reflection", args=[world.comfort.pk])],
    "reminder": lambda world: [reverse("reminder", args=[row.pk]) for row in world.due],
    "reminder_act": lambda world: [
        reverse("reminder_act", args=[row.pk, act.name]) for row in world.due for act in kinds.get(row.kind).acts
    ],
    "reflection_new": lambda world: [f"{world.url('reflection_new')}?question={one}" for one in Reflection.Question],
}

TODAY, TOMORROW = dt.date.today().isoformat(), (dt.date.today() + dt.timedelta(days=1)).isoformat()
# The world has meetings a day from now, at whatever hour it is; a time that is taken is asked about first.
WITHOUT_A_MEETING = (dt.date.today() + dt.timedelta(days=45)).isoformat()
# A valid value for every field of every form, so that the user's own POSTs succeed.
FIELDS: dict[str, Any] = {
    **dict.fromkeys(names("their_role their_work in_common who_knows_them why_now about"), "Some plain words"),
    **dict.fromkeys(names("name words why note notes why_them place subject body outcome_words"), "Some plain words"),
    "points": "10 min: Some plain words",
    **dict.fromkeys(names("headline organisation sector source_detail links"), ""),
    "emails": "dana@example.org",
    **dict.fromkeys(names("tags need_words place_names"), "Some plain words"),
    "people_names": "Somebody New",
    "need_competency": "how",
    **dict.fromkeys(names("remind_replies remind_meetings remind_gentle"), "on"),
    **dict.fromkeys(names("private_notes shared_notes giving_back agreement confidentiality"), "Some words"),
    **dict.fromkeys(["on", "when", "started_on"], TODAY),
    "direction_private": "Lead a group",
    "competency": "how",
    "weight": "2",
    "horizon": "year",
    "source": "circle",
    "act": "tag",
    "tag_name": "Some plain words",
    "time_zone": "Europe/London",
    "country": "GB",
    "reminder_time": "09:00",
    "working_days": ["1", "2"],
    "weekly_on": "1",
    "origin": "grew",
    "form": "informal",
    "closeness": "1",
    "phase": "rapport",
    "ended_as": "complete",
    "as": "met",
    "strength": "2",
    "way": "knows",
    "channel": "email",
    "purpose": "first_approach",
    "names": "Somebody New, with a word",
    "to": "asked",
    "stage": "initial",
    "outcome": "withdrawn",
    "months": "6",
    "rhythm_weeks": "6",
    "nudges": "2",
    **dict.fromkeys(names("first_after second_after third_after"), "10"),
    "weeks": "6",
    "count": "2",
    "hours_a_month": "1.5",
    "answer": "",
    "template": "blank",
    "at": "16:00",
    "until": "tomorrow",
    "raised_by": "me",
    "whose": "mine",
    "kind": "regular",
    "day": WITHOUT_A_MEETING,
    "time": "10:00",
    "zone": "Europe/London",
    "minutes": "60",
}
OVERRIDES: dict[str, dict[str, Any]] = {
    "brief_step": {"answer": "Because it is time"},
    "brief_needs_take": {"needs": "loose_need"},
    "support_add": {"need": "loose_need"},
    "contact_add": {"kind": "call"},
    "own_calendar": {"address": "https://calendar.example.org/own.ics"},
    "connected_mailbox_connect": {
        "address": "own-box@example.org",
        "password": "own password",
        "username": "own",
        "imap_host": "imap.example.org",
        "smtp_host": "smtp.example.org",
    },
    "contact_imports": {"text": "Some Plain Words, Acme"},
    "incoming_mail_answer": {"what": "touch"},
    "own_calendar_talks": {"with_talks": "1"},
    "own_calendar_account": {"address": "https://calendar.example.org/dav/", "username": "own", "password": "pass"},
    "calendar_talk_answer": {"answer": "yes"},
    "drop_address": {"act": "make"},
    "contact_import_columns": {"column0": "name"},
    "event_edit": {"on": "2026-01-05"},
    "mentorship_edit": {"started_on": "2026-01-05"},
    "person_merge": dict.fromkeys(names("name headline organisation sector source time_zone"), "kept"),
    "message_remind": {"on": TOMORROW},
    "message_new": {"mentorship": None, "introduction": None},
    "reflection_new": {"question": "own", "own_question": "What do I keep putting off?", "answer": "Some words"},
    "reflection_edit": {"own_question": "What do I keep putting off?", "answer": "Some words"},
    "place_new": {"kind": "register", "link": ""},
    "place_edit": {"kind": "register", "link": ""},
    "place_look_again": {"again": "3"},
    "walk_paste": {"paste": "Dana Pasted <dana@example.org>", "add": "1"},
    "item_add": {"minutes": "10"},
    "item_edit": {"minutes": "10"},
    "item_place": {"position": "0"},
}
# Further fields with which a form of this route does something else.
FURTHER: dict[str, Callable[[World], dict[str, Any]]] = {
    "people_bulk": lambda world: {"act": "untag", "tag_name": world.tag.name, "person": [str(world.spare.pk)]},
    "walk_source": lambda world: {"name": world.spare.name, "need": str(world.need.pk), "email": "", "why": "Why not"},
    "meeting_new": lambda world: _when_busy(world),
}
# Pages that show something else after a step: the route of the page, and that of the step.
AFTER = {"meeting_times": "own_calendar_off", "own_calendar_read": "own_calendar_off"}
# Form choices and ids in query strings: field → the row of the World.
IDS = {
    "person": "spare",
    "other": "mentor",
    "need": "need",
    "needs": "need",
    "approach": "approach",
    "mentorship": "mentorship",
    "introduction": "introduction",
    "target": "spare",
    "introducer": "mentor",
    "template": "template",
    "saved": "saved",
    "tag": "tag",
    "place": "place",
    "people": "spare",
    "places": "place",
}
# Fields are also sent with the prefixes of pages with several forms.
PREFIXES = ("", "item-", "action-", "outcome-")
# All parameters that a page may have in its query string.
QUERY = names(
    """
        q page source tag person need way name kind competency purpose approach mentorship template from next
        question again state place more organisation relation sort other start prompt introduction target introducer
        private done error made after show
            year names
    """
)


def _when_busy(world: World) -> dict[str, str]:
    """A meeting at a time at which their own calendar is busy."""
    there = world.owner.local(world.own_calendar.busy_times.earliest("pk").starts_at)
    return {"day": f"{there:%Y-%m-%d}", "time": f"{there:%H:%M}", "zone": world.owner.time_zone}


@dataclass(frozen=True)
class World:
    """Everything a user can own. Every text contains ``word``, to detect leaks."""

    owner: User
    word: str
    spare: Person
    mentor: Person
    need: Need
    loose_need: Need
    closed_need: Need
    brief: Brief
    idea: CouldHelp
    knows: Knows
    contact: Contact
    tag: Tag
    mentorship: Mentorship
    ended_mentorship: Mentorship
    support: Support
    event: MentorshipEvent
    approach: Approach
    resting: Approach
    draft: Message
    letter: Message
    follow_up: FollowUp
    template: MessageTemplate
    meeting: Meeting
    item: AgendaItem
    action: Action
    saved: SavedAgenda
    share: ShareLink
    feed: CalendarFeed
    own_calendar: OwnCalendar
    asking_talk: CalendarTalk
    noted_talk: CalendarTalk
    talk_ahead: CalendarTalk
    address_change: AddressChange
    stored_file: StoredFile
    drop: DropAddress
    mailbox: ConnectedMailbox
    uncertain: Message
    asking_mail: IncomingMail
    noted_mail: IncomingMail
    contact_import: ContactImport
    brought_in: ContactImport
    odd_table: ContactImport
    security_event: SecurityEvent
    reminder: Reminder
    place: PlaceToLook
    terms: FormalTerms
    evaluation: EvaluationDate
    outcome: WhatCameOfIt
    review: Review
    reflection: Reflection
    introduction: Introduction
    undoable: Undoable
    mail: OutgoingMail
    passkey: Authenticator
    session: UserSession
    linked: SocialAccount
    sign_up_link: SignUpLink
    held: Meeting
    quiet: Meeting
    formal: Mentorship
    silent: Approach
    thanks: Message
    comfort: Reflection
    gone_tag: Undoable
    due: list[Reminder]  # one of each kind that offers to do something about it

    def kwargs(self, route: str) -> dict[str, Any]:
        """The URL arguments of this route."""
        if route in KEYED or route in STAFF:
            return (KEYED | STAFF)[route](self)
        row = {"pk": getattr(self, ROW_OF[route]).pk} if route in ROW_OF else {}
        return row | (MORE[route](self) if route in MORE else {})

    def url(self, route: str) -> str:
        return reverse(route, kwargs=self.kwargs(route))

    def urls(self, route: str) -> list[str]:
        """The addresses of this route that show different things."""
        return [self.url(route), *(ALSO[route](self) if route in ALSO else [])]

    def fields(self, route: str) -> dict[str, Any]:
        """The fields of a valid POST to this route, with this owner's ids."""
        ids = {name: str(getattr(self, row).pk) for name, row in IDS.items() if name != "template"}
        values = {**FIELDS, **ids, "email": self.owner.email, **OVERRIDES.get(route, {})}
        for name, value in OVERRIDES.get(route, {}).items():
            if name in IDS and value is not None:
                values[name] = str(getattr(self, value).pk)
        return {f"{p}{name}": value for name, value in values.items() if value is not None for p in PREFIXES}


def make_bystander() -> User:
    """Somebody with little, on whom nothing may have an effect: a need, a person, and a mail yet to be written."""
    owner = make.make_user("olga@example.org", name="Olga Other")
    now, today = timezone.now(), owner.today()
    make.make_brief(owner, finished_at=now)
    make.make_need(owner, "be heard", weight=1)
    make.make_person(owner, "Pat Person")
    rhythm = ReflectionRhythm.objects.create(owner=owner, months=6, next_on=today)
    reminder = reminder_services.plan(
        owner=owner, kind="reflect", subject_id=rhythm.pk, on=today + dt.timedelta(days=1)
    )
    digest = Digest.objects.create(owner=owner, local_date=today - dt.timedelta(days=1))
    Reminder.objects.filter(pk=reminder.pk).update(state=Reminder.State.GATHERED, digest=digest)
    OutgoingMail.objects.create(
        owner=owner,
        purpose="digest",
        subject_id=digest.pk,
        recipient=owner.email,
        due_at=now + dt.timedelta(days=9_999),
    )
    return owner


def _files(owner: User, word: str) -> list[ContactImport]:
    """Two files that were brought in, the second with a new post in it, and one with every kind of row."""
    header = "Name,E-mail,Organisation,Job title,Phone,Notes,Tags\n"
    known = f"{word} Known,{word}-known@example.org,{word} firm,%s,01632 {len(word)},{word} card,{word} list\n"
    rows = (
        known % f"{word} clerk"
        + f"{word} Spare,{word}.spare@example.org,{word} trust,{word} chair,,,\n"
        + f"{word} Mentor,,{word} trust,,,,\n{word} Fresh,,,,,,\n=1+1,,,,,,\n"
    )
    # The first in each table is the one that is swept: what was brought in has neither file nor keys any more.
    looked_at = make.make_import(owner, header + rows)
    first = make.make_import(owner, header + known % f"{word} apprentice", bring_in=True)
    second = make.make_import(owner, header + known % f"{word} clerk", bring_in=True)
    long_ago = timezone.now() - dt.timedelta(days=800)
    ImportedContact.objects.filter(batch=second).update(at=long_ago)
    Person.objects.filter(imported__batch=second).update(created_at=long_ago)
    return [first, second, looked_at]


def make_world(owner: User, word: str) -> World:
    def person(name: str) -> Person:
        made = make.make_person(
            owner,
            f"{word} {name}",
            email=f"{word}.{name}@example.org".lower(),
            headline=f"{word} head",
            organisation=f"{word} trust",
            sector=f"{word} sector",
            source_detail=f"{word} detail",
            notes=f"{word} notes",
        )
        PersonLink.objects.create(owner=owner, person=made, url=f"https://{word}.example.org/{name}".lower())
        PersonTag.objects.create(owner=owner, person=made, tag=tag)
        made.save(update_fields=["name"])
        return made

    def need(words: str, **fields: Any) -> Need:
        return make.make_need(owner, f"{word} {words}", sector=f"{word} sector", **fields)

    tag = Tag.objects.create(owner=owner, name=f"{word} tag")
    spare, mentor, target, old, sleeper = (person(name) for name in ("Spare", "Mentor", "Target", "Old", "Sleeper"))
    wanted, loose = need("be known"), need("be seen")
    closed = need("be met", closed_on=dt.date(2026, 2, 2), closed_as="met")
    texts = dict.fromkeys(("why_now", "looking_for", "good_mentee", "direction"), f"{word} answer")
    mentorship = open_mentorship(person=mentor, origin="grew", on=dt.date(2026, 1, 5), needs=[wanted])
    for field in ("giving_back", "agreement", "confidentiality", "direction_private", "direction_shared"):
        setattr(mentorship, field, f"{word} {field}")
    mentorship.save()
    ended = open_mentorship(person=old, origin="grew", on=dt.date(2026, 1, 5))
    end_mentorship(mentorship=ended, ended_as="complete", on=dt.date(2026, 2, 5))
    approach, _ = approaches.open_approach(person=target, needs=[wanted], why_them=f"{word} why")
    letter = drafts.start_draft(purpose=Purpose.FIRST_APPROACH, template=None, approach=approach)
    letter.subject, letter.body = f"{word} subject", f"{word} body"
    letter.save()
    drafts.record_sent(message=letter)
    draft = drafts.start_draft(purpose=Purpose.THANK_YOU, template=starter("thank-you-email"), approach=approach)
    draft.subject, draft.body = f"{word} draft", f"{word} draft body"
    draft.save()
    follow_up = FollowUp.objects.get(approach=approach)
    reminder = Reminder.objects.get(owner=owner, kind="follow_up_due", subject_id=follow_up.pk)
    Reminder.objects.filter(pk=reminder.pk).update(due_at=timezone.now())
    resting, _ = approaches.open_approach(person=sleeper)
    approaches.rest(approach=resting, until=dt.date(2030, 1, 1))
    _, brought_in, looked_at = _files(owner, word)
    place = make.make_place(
        owner, f"{word} register", notes=f"{word} notes", link=f"https://{word}.example.org/".lower()
    )
    Person.objects.filter(pk=spare.pk).update(place=place)
    terms = make.make_terms(
        mentorship, **dict.fromkeys(("programme", "organisation", "co_ordinator"), f"{word} terms"), months=12
    )
    review = make.make_review(owner, mentorship=mentorship, words=f"{word} review", satisfaction=4)
    ReviewNote.objects.create(owner=owner, review=review, aspect="trust", change="easier", words=f"{word} trust")
    reflection = make.make_reflection(owner, question="own", own_question=f"{word} question", answer=f"{word} answer")
    ReflectionLink.objects.create(owner=owner, reflection=reflection, place=place)
    meeting = make.make_meeting(
        mentor,
        mentorship=mentorship,
        purpose=f"{word} purpose",
        place=f"{word} place",
        private_notes=f"{word} private",
        shared_notes=f"{word} shared",
        series=Series.objects.create(owner=owner, person=mentor, weeks=6),
    )
    share = ShareLink.objects.create(owner=owner, person=mentor)
    MentorWord.objects.create(owner=owner, link=share, kind="message", words=f"{word} message")
    OfferedTime.objects.create(owner=owner, meeting=meeting, starts_at=timezone.now() + dt.timedelta(days=3))
    Invitation.objects.create(
        owner=owner, meeting=meeting, whom="mentor", address=f"{word}.mentor@example.org", method="REQUEST", sequence=0
    )
    Impression.objects.create(owner=owner, meeting=meeting, again="yes")
    action = make.make_action(meeting, f"{word} action", due_on=dt.date.today())
    WalkStop.objects.create(owner=owner, source=Person.Source.LINKEDIN)
    make_app(owner)
    make_codes(owner)
    OutgoingMail.objects.create(owner=owner, purpose="login", recipient=owner.email, subject=f"{word} mail")
    digest = Digest.objects.create(owner=owner, local_date=dt.date(2026, 1, 5))
    MailMonth.objects.create(owner=owner, month=dt.date(2025, 6, 1), to_user=3, to_others=2, reminders=5)
    Telling.objects.create(owner=owner, reminder=reminder, digest=digest, title=f"{word} telling")
    mail = OutgoingMail.objects.create(
        owner=owner, purpose="digest", subject_id=digest.pk, recipient=owner.email, subject=f"{word} digest"
    )
    zipped = store(owner=owner, name="mentorfolio.zip", content=BytesIO(owner.name.encode()))
    Export.objects.create(owner=owner, file=zipped, ready_at=timezone.now())
    Restore.objects.create(owner=owner, trouble=f"{word} trouble")
    suppress(address="stopped@example.org", reason=SuppressedAddress.Reason.ASKED)
    today = owner.today()
    formal = make.make_mentorship(
        person("Formal"), form=Mentorship.Form.FORMAL, phase="rapport", rhythm_weeks=6, agreement_review_on=today
    )
    for competency in ("how", "whom"):
        make.make_support(formal, competency=competency, strength=2)
    held = make.make_meeting(
        formal.person,
        mentorship=formal,
        state=Meeting.State.HELD,
        held_at=timezone.now(),
        starts_at=timezone.now() - dt.timedelta(hours=1),
        purpose=f"{word} held",
        private_notes=f"{word} notes",
        shared_notes=f"{word} shared",
    )
    quiet = make.make_meeting(person("Quiet"), purpose=f"{word} quiet")
    again = make.make_approach(person("Again"), stage="approached", rest_until=today)
    silent = make.make_approach(person("Silent"), stage="approached")
    long_ago = timezone.now() - dt.timedelta(days=60)
    make.make_message(
        silent, purpose=Purpose.FIRST_APPROACH, state=Message.State.SENT, at=long_ago, sent_body=f"{word} sent"
    )
    make.make_follow_up(silent, due_on=today)
    looked = make.make_place(owner, f"{word} society", look_again_on=today)
    rhythm = ReflectionRhythm.objects.create(owner=owner, months=6, next_on=today)
    evaluated = make.make_evaluation(make.make_terms(formal, programme=f"{word} terms"), today)
    subjects = {
        "keep_in_touch": formal.pk,
        "agreement_review": formal.pk,
        "evaluation": evaluated.pk,
        "look_again": looked.pk,
        "reflect": rhythm.pk,
        "rest_over": again.pk,
        "after_meeting": held.pk,
        "action_due": action.pk,
    }
    drop = make.make_drop(owner, f"{word}-drop")
    noted_mail = make.make_incoming(
        drop, "applied", sender=f"{word}.other@example.org", subject=f"{word} noted", words=f"{word} answer"
    )
    answer = Message.objects.create(
        owner=owner,
        person=mentor,
        mentorship=mentorship,
        state=Message.State.RECEIVED,
        at=timezone.now(),
        body=f"{word} answer",
        recorded_by=noted_mail,
    )
    IncomingMail.objects.filter(pk=noted_mail.pk).update(noted={"message": answer.pk})
    return World(
        owner=owner,
        word=word,
        spare=spare,
        mentor=mentor,
        need=wanted,
        loose_need=loose,
        closed_need=closed,
        held=held,
        quiet=quiet,
        formal=formal,
        silent=silent,
        thanks=Message.objects.create(
            owner=owner,
            person=mentor,
            mentorship=mentorship,
            purpose=Purpose.THANK_YOU,
            subject=f"{word} thanks",
            body=f"{word} thank you",
        ),
        comfort=make.make_reflection(owner, question="comfort", comfort=1, answer=f"{word} comfort"),
        gone_tag=undo.keep(
            owner=owner, kind=Undoable.Kind.UNTAGGED, what={"tag": 1, "name": FIELDS["name"], "people": [spare.pk]}
        ),
        due=[reminder_services.plan(owner=owner, kind=kind, subject_id=pk, on=today) for kind, pk in subjects.items()],
        brief=make.make_brief(owner, wanted, contexts=Brief.Context.values, **texts),
        idea=make.make_could_help(target, wanted, why=f"{word} why"),
        knows=make.make_knows(mentor, target, note=f"{word} note"),
        contact=make.make_contact(target, note=f"{word} note"),
        tag=tag,
        mentorship=mentorship,
        ended_mentorship=ended,
        support=mentorship.supports.get(),
        event=mentorship.events.get(),
        approach=approach,
        resting=resting,
        draft=draft,
        letter=letter,
        follow_up=follow_up,
        template=make.make_template(
            owner, name=f"{word} template", subject=f"{word} subject", body=f"{word} body {{my_direction}}"
        ),
        meeting=meeting,
        item=make.make_item(meeting, f"{word} item", need=wanted, outcome=f"{word} outcome"),
        action=action,
        saved=make.make_saved_agenda(owner, name=f"{word} agenda", points=f"10 min: {word} point"),
        share=share,
        feed=CalendarFeed.objects.create(owner=owner, with_follow_ups=True, with_actions=True),
        own_calendar=make.make_own_calendar(
            owner,
            f"https://calendar.example.org/{word}.ics",
            calendars=[
                {"url": f"https://calendar.example.org/{word}/{one}/", "name": f"{word} {one}", "read": one == "work"}
                for one in ("work", "home")
            ],
        ),
        asking_talk=make.make_talk(spare, timezone.now() - dt.timedelta(days=3), state="asks"),
        noted_talk=make.make_talk(
            spare, timezone.now() - dt.timedelta(days=5), state="spoke", settled_at=timezone.now()
        ),
        talk_ahead=make.make_talk(spare, timezone.now() + dt.timedelta(days=50)),
        security_event=SecurityEvent.objects.create(owner=owner, kind="export", what=f"{word} event"),
        drop=drop,
        uncertain=make.make_uncertain(mentorship, subject=f"{word} uncertain", body=f"{word} went perhaps"),
        mailbox=make.make_mailbox(owner, address=f"{word}-box@example.org", password=f"{word} password"),
        asking_mail=make.make_incoming(
            drop, "asks", sender=sleeper.email, subject=f"Re: {word} subject", words=f"{word} question"
        ),
        noted_mail=noted_mail,
        contact_import=looked_at,
        brought_in=brought_in,
        odd_table=make.make_import(owner, "Wer;Kontakt\n" + f"{word} Odd;{word}-odd@example.org\n"),
        stored_file=store(owner=owner, name=f"{owner.name}’s contacts.csv", content=BytesIO(owner.name.encode())),
        address_change=AddressChange.objects.create(
            owner=owner, before=addresses.stored(owner), after=[[f"{word}-new@example.org", True, True]]
        ),
        reminder=reminder,
        place=place,
        terms=terms,
        evaluation=make.make_evaluation(terms, dt.date.today() + dt.timedelta(days=30), words=f"{word} evaluation"),
        outcome=make.make_outcome(mentorship, f"{word} outcome", need=wanted),
        review=review,
        reflection=reflection,
        introduction=make.make_introduction(old, mentor, why=f"{word} why", need=wanted),
        mail=mail,
        passkey=make_passkey(owner, f"{word} laptop"),
        session=make.make_session(owner, user_agent=f"{word} Firefox/130.0 Windows"),
        linked=SocialAccount.objects.create(
            user=owner, provider="university", uid=f"{word}-1", extra_data={"name": f"{word} there"}
        ),
        sign_up_link=sign_up.make_link(uses=1, days=1),
        undoable=undo.keep(
            owner=owner, kind=Undoable.Kind.UNTAGGED, what={"tag": tag.pk, "name": tag.name, "people": [spare.pk]}
        ),
    )


def add_what_could_be_mistaken(owner: User, others: World) -> None:
    """Rows that whatever forgets its owner would take for those of ``others``: newer or older than theirs, at a limit,
    or with the very words and addresses of ``FIELDS``.
    """
    words = FIELDS["name"]
    person = make.make_person(owner, words, email="dana@example.org", organisation=words, source="circle")
    make.make_person(owner, "Somebody New")
    PersonTag.objects.create(owner=owner, person=person, tag=Tag.objects.create(owner=owner, name=words))
    make.make_need(owner, words)
    make.make_place(owner, words)
    make.make_template(owner, name=words)
    make.make_saved_agenda(owner, name=words)
    make.make_reflection(owner, question="own", own_question="What do I keep putting off?", answer=words)
    make.make_brief(owner, direction=words)
    for source in set(Person.Source.values) - {Person.Source.LINKEDIN}:
        WalkStop.objects.create(owner=owner, source=source)
    now, long_ago = timezone.now(), timezone.now() - dt.timedelta(days=400)
    WalkStop.objects.filter(owner=owner).update(at=long_ago)
    make.make_need(owner, briefs.SUGGESTIONS["skills"][0][1])
    make.make_place(owner, places.STARTERS[0].name)
    Tag.objects.create(owner=owner, name="Worn by nobody")
    old = undo.keep(owner=owner, kind=Undoable.Kind.TAGGED, what={"tag": 1, "name": words, "people": []})
    Undoable.objects.filter(pk=old.pk).update(at=now - 2 * undo.KEPT)
    make.make_brief(owner, direction=words, finished_at=now + dt.timedelta(minutes=1))
    unfinished = make.make_brief(owner, why_now=words)
    Brief.objects.filter(pk=unfinished.pk).update(started_at=now + dt.timedelta(hours=1))
    make.make_reflection(owner, question="comfort", comfort=5, answer=words, on=owner.today())
    make.make_review(owner, on=owner.today(), words=words)
    points = as_text(Suggestion(item.words, item.minutes) for item in others.meeting.items.all())
    make.make_saved_agenda(owner, name=words, kind=others.meeting.kind, points=points)
    make.make_approach(make.make_person(owner, f"{words} waiting"), stage="shortlisted")
    for number in range(10):  # as many first approaches as are plenty for a day, and enough to say how it went
        person = make.make_person(owner, f"{words} {number}")
        approach = make.make_approach(person, stage="approached", replied_at=now)
        make.make_message(
            approach,
            purpose=Purpose.FIRST_APPROACH,
            state=Message.State.SENT,
            at=now,
            field_values={"about_me": words},
        )
    answered = make.make_approach(make.make_person(owner, f"{words} answered"), stage="approached", replied_at=now)
    make.make_message(answered, purpose=Purpose.FIRST_APPROACH, state=Message.State.SENT, at=long_ago)
    make.make_template(owner, name=words, purpose=Purpose.FOLLOW_UP, channel="email", body=words)
    for _ in range(3):  # as many as a day or an hour allows
        OutgoingMail.objects.bulk_create(
            OutgoingMail(owner=owner, purpose="invitation", audience="mentor", recipient=row.address, due_at=now)
            for row in PersonEmail.objects.filter(owner=others.owner)
        )
        OutgoingMail.objects.create(owner=owner, purpose="test_mail", recipient=owner.email, subject=words)
    OutgoingMail.objects.create(
        owner=owner, purpose="digest", recipient=owner.email, subject=words, state="failed", subject_id=1
    )
