"""What is kept, why, for how long and who can see it: a page for users, and one for the people they write about.

Each table with an owner is named here (a test keeps it), so that the page can't fall behind the models.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import addresses, leaving, retention, security_log, sessions, sign_in_limits
from accounts.http import UserRequest
from accounts.words import counted
from mail import sending_limits, services
from portfolio.contact_imports import applying, dry_run
from portfolio.people import undo

YOURS = "Until you delete it, or your account."


@dataclass(frozen=True)
class Kept:
    """One kind of data. ``tables`` are the labels of its models; ``encrypted`` says how, if it is."""

    title: str
    what: str
    why: str
    how_long: str
    who: str
    tables: tuple[str, ...]
    encrypted: str = ""


def days(time: dt.timedelta) -> str:
    return counted(time.days, "day", "days")


def everything() -> list[Kept]:
    """Everything that is kept, as this site is set up."""
    notes = "In the database, what you write in confidence is encrypted." if settings.ENCRYPT_NOTES else ""
    return [
        Kept(
            "Your account",
            "Your name, email addresses, where you work, time zone, and when and about what you like to be reminded. "
            "How you sign in: password, passkeys, apps.",
            "To let you in and no one else, and to remind you at a good hour.",
            f"Until you delete your account. Former addresses for {days(retention.ADDRESSES_KEPT)}, "
            f"so that you can undo a change for {days(addresses.UNDO_WITHIN)}.",
            "You. Whoever runs the site sees your address beside the state of an email.",
            ("accounts.AddressChange",),
            "Passwords are kept only as hashes; the secrets of apps and recovery codes are encrypted.",
        ),
        Kept(
            "Where and when you signed in",
            "Devices that are signed in, and a log of what happened with your account, with a rough network and the "
            "browser. Wrong passwords are counted without your address.",
            "So that you can see if someone else got in.",
            f"A session ends after {days(sessions.LONGEST)} at most. The log is kept for {days(security_log.KEPT)}, "
            f"counts of wrong passwords for {days(sign_in_limits.FORGOTTEN_AFTER)}.",
            "You.",
            ("accounts.SecurityEvent",),
        ),
        Kept(
            "The people you know",
            "Their name, how to reach them, where they work, how you know each other, tags, when you were in contact, "
            "who knows whom, and your notes.",
            "To find who could help you, and to remember what matters to them.",
            YOURS,
            "You. They see only their private page, if you make one.",
            (
                *("portfolio.Person", "portfolio.PersonEmail", "portfolio.PersonLink", "portfolio.PersonPhone"),
                *(
                    "portfolio.Tag",
                    "portfolio.PersonTag",
                    "portfolio.Knows",
                    "portfolio.Contact",
                    "portfolio.CouldHelp",
                ),
                *("portfolio.PlaceToLook", "portfolio.WalkStop"),
            ),
            notes,
        ),
        Kept(
            "What you are looking for, and looking back",
            "Your brief, needs, reflections and reviews.",
            "To show what is covered and what is missing, and how it went.",
            YOURS,
            "You.",
            (
                *("portfolio.Brief", "portfolio.BriefNeed", "portfolio.Need", "portfolio.Reflection"),
                *("portfolio.ReflectionLink", "portfolio.ReflectionRhythm", "portfolio.Review"),
                "portfolio.ReviewNote",
            ),
            notes,
        ),
        Kept(
            "Approaches and letters",
            "Who you approach for what, your research about them, drafts, the letters you sent, and what was answered.",
            "To help you write, and to know when to write again.",
            YOURS,
            "You. A letter goes out from your own mailbox, never from us.",
            (
                *("outreach.Approach", "outreach.ApproachNeed", "outreach.ApproachEvent", "outreach.FollowUp"),
                *("outreach.Introduction", "outreach.Message", "outreach.MessageTemplate"),
            ),
            notes,
        ),
        Kept(
            "Your own calendar, if you connect it",
            "Its secret address, or your account there, and the times at which you are busy: no titles or places. "
            "If you let us notice meetings with people you know, also when each is, and with whom.",
            "To tell you of a clash before you promise someone a time, and to note that you spoke.",
            "Until you disconnect it, or delete your account. Busy times that are over go within a day. That you spoke "
            "is kept with the person.",
            "You.",
            ("meetings.OwnCalendar", "meetings.BusyTime", "meetings.CalendarTalk"),
            f"The address, and a name and password, are encrypted. {notes}".strip(),
        ),
        Kept(
            "Mentorships and meetings",
            "What you agreed, agendas, notes, actions, impressions, invitations, and your calendar feed.",
            "To prepare the next conversation, and to keep what came of the last.",
            YOURS,
            "You. Your mentor sees what you share with them, item by item, and the invitations you send. Whoever has "
            "the address of your calendar feed sees your meetings.",
            (
                *("portfolio.Mentorship", "portfolio.MentorshipEvent", "portfolio.Support", "portfolio.FormalTerms"),
                *("portfolio.EvaluationDate", "portfolio.WhatCameOfIt", "meetings.Meeting", "meetings.Series"),
                *("meetings.AgendaItem", "meetings.Action", "meetings.SavedAgenda", "meetings.Impression"),
                *("meetings.Invitation", "meetings.OfferedTime", "meetings.CalendarFeed"),
            ),
            notes,
        ),
        Kept(
            "Private pages for mentors",
            "The page you share with a mentor, and what they leave there: messages, points, answers.",
            "So that they can answer without an account.",
            f"Until you delete it. A page closes by itself after {days(dt.timedelta(days=180))}.",
            "You, and whoever has the address of that page.",
            ("meetings.ShareLink", "meetings.MentorWord"),
            notes,
        ),
        Kept(
            "Reminders and emails",
            "What you were reminded of and when, and each email we sent to you, or to a mentor for you.",
            "To remind you once and not twice, and to show you what became of an email.",
            f"The text of an email for {days(services.KEEP_CONTENT)}; settled reminders and the list of emails for "
            f"{days(retention.LOG_KEPT)}, then only how many there were in a month. An invitation stays until its "
            "meeting is as long ago.",
            "You. Whoever runs the site sees addresses and states of emails that are late or failed, never their text.",
            ("reminders.Reminder", "reminders.Digest", "reminders.Telling", "mail.OutgoingMail", "mail.MailMonth"),
        ),
        Kept(
            "Mail that came in",
            "Your private address, and of each mail that came to it: who wrote it and when, its subject, and what was "
            "newly written in it. Attachments are not kept.",
            "To note that you wrote or that somebody answered, and to take that back.",
            f"As long as you have your account; what meant nothing, or could not be read, "
            f"{days(retention.LOG_KEPT)}. The mail as it came is deleted as soon as it is noted.",
            "You.",
            ("mail.DropAddress", "mail.IncomingMail"),
            notes,
        ),
        Kept(
            "Your own mailbox, if you connect it",
            "Its address and servers, and your password or permission for it. Of your mails only letters of yours and "
            "answers to them, as under “Mail that came in”; who else wrote to you is looked at and forgotten.",
            "To send your letters from your own address, and to note answers.",
            "Until you disconnect it, or delete your account.",
            "You.",
            ("mail.ConnectedMailbox",),
            "The password and the permission are encrypted.",
        ),
        Kept(
            "Contacts from a file",
            "What a file of contacts said of each person, what was changed, and who has a new post since.",
            "To show you what would change, to take it back, and to see what is new in the next file.",
            f"The rows of a file for {days(applying.KEPT)}; if you don’t bring it in, {days(dry_run.KEPT_UNUSED)}. "
            "What the latest file said of someone stays as long as they do. After a year, we offer to delete "
            "whom you never touched.",
            "You.",
            (
                *("portfolio.ContactImport", "portfolio.ImportRow", "portfolio.ImportKey"),
                *("portfolio.ImportedContact", "portfolio.NewPost"),
            ),
            notes,
        ),
        Kept(
            "Files",
            "A file you upload, until it is read; an export, until you have fetched it.",
            "To read or write it in the background while you go on.",
            "Some days, then it is deleted by itself.",
            "You.",
            ("accounts.StoredFile", "accounts.StoredPart", "accounts.Export", "accounts.Restore"),
            "In the database, files are always encrypted.",
        ),
        Kept(
            "What you deleted",
            "People, notes or tags that you deleted or changed.",
            "So that Undo can bring them back. A person you erase is not kept here.",
            f"{days(undo.KEPT).capitalize()}.",
            "You.",
            ("portfolio.Undoable",),
            notes,
        ),
    ]


@require_safe
def what_is_kept(request: UserRequest) -> HttpResponse:
    context = {
        "kinds": everything(),
        "contact": settings.ABUSE_CONTACT,
        "to_change_your_mind": days(leaving.WITHIN),
        "counted_for": days(sending_limits.KEPT),
    }
    return render(request, "pages/what_is_kept.html", context)


@login_not_required
@require_safe
def notes_about_me(request: HttpRequest) -> HttpResponse:
    """For people who are no users: what somebody here may keep about them, and how to have it removed."""
    context = {"contact": settings.ABUSE_CONTACT, "undo": days(undo.KEPT), "to_change_their_mind": days(leaving.WITHIN)}
    return render(request, "pages/notes_about_me.html", context)
