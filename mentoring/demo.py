"""The demo account: one person's portfolio that tells the story of the product. Entirely fictional.

It is made through the same verbs a user's presses call, so that it can't drift from what the product does.
"""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from meetings.actions import add_action
from meetings.models import Action, AgendaItem, Meeting
from meetings.services import hold_meeting, plan_meeting
from mentoring.demo_people import PEOPLE
from outreach import drafts, send_later, services
from outreach.models import Approach, ApproachEvent, FollowUp, Message, Purpose
from outreach.starters import starter
from portfolio.models import (
    Brief,
    BriefNeed,
    Competency,
    Contact,
    CouldHelp,
    Knows,
    Mentorship,
    MentorshipEvent,
    Need,
    Person,
    PersonEmail,
    PersonTag,
    Support,
    Tag,
)
from portfolio.services import open_mentorship, record_contact
from reminders.models import Reminder

DEMO_EMAIL = "ffion@example.org"
DEMO_PASSWORD = "calder-valley-demo"  # noqa: S105 - for a fictional account on one's own machine
FIRST_REMINDER = dt.timedelta(seconds=60)


def demo_login() -> tuple[str, str] | None:
    """E-mail address and password of the demo account, if it is there and nobody changed its password."""
    user = User.objects.filter(email=DEMO_EMAIL).first()
    return (DEMO_EMAIL, DEMO_PASSWORD) if user and user.check_password(DEMO_PASSWORD) else None


@transaction.atomic
def load_demo() -> None:
    """Make the demo account, once: if it is there already, nothing changes."""
    if User.objects.filter(email=DEMO_EMAIL).exists():
        return
    user = User.objects.create_user(DEMO_EMAIL, DEMO_PASSWORD, name="Dr Ffion Marsh")
    EmailAddress.objects.create(user=user, email=DEMO_EMAIL, verified=True, primary=True)
    Demo(user).load()


class Demo:
    """Tells the story of Dr Ffion Marsh, seen from now."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.now = timezone.now()
        self.today = user.today()
        self.people: dict[str, Person] = {}
        self.needs: dict[str, Need] = {}

    def load(self) -> None:
        self._people()
        self._brief()
        self._margaret()
        self._tomasz()
        self._rukhsana()
        self._gwen()
        self._henrik()
        self._gap()

    def _ago(self, days: int, hour: int = 14) -> dt.datetime:
        day = self.today - dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(hour), tzinfo=self.user.zone)

    def _day(self, days_ago: int) -> dt.date:
        return self.today - dt.timedelta(days=days_ago)

    def _people(self) -> None:
        tags: dict[str, Tag] = {}
        for someone in PEOPLE:
            person = Person.objects.create(
                owner=self.user,
                name=someone.name,
                headline=someone.headline,
                organisation=someone.organisation,
                sector=someone.sector,
                source=someone.source,
                source_detail=someone.detail,
            )
            PersonEmail.objects.create(owner=self.user, person=person, address=someone.email)
            for name in someone.tags:
                tag = tags.get(name) or Tag.objects.create(owner=self.user, name=name)
                tags[name] = tag
                PersonTag.objects.create(owner=self.user, person=person, tag=tag)
            self.people[someone.key.split(".")[0]] = person

    def _brief(self) -> None:
        brief = Brief.objects.create(
            owner=self.user,
            started_at=self._ago(60),
            finished_at=self._ago(58),
            why_now="My fellowship ends next year, and I want to choose what comes after instead of drifting into it.",
            contexts=[Brief.Context.DEVELOPMENT, Brief.Context.SECTOR, Brief.Context.POLITICS],
            looking_for="Somebody who says what they see, has led a group, and knows how social care decides.",
            good_mentee="I come prepared, I try things out, and I say what came of it.",
            direction="lead a social-care research group by 2030",
        )
        wanted = (
            ("values", Competency.WHY, "keep my values when I lead", "", 2, Need.Horizon.LONG),
            ("fellowship", Competency.HOW, "win a funded fellowship", "Health research", 2, Need.Horizon.YEAR),
            ("team", Competency.HOW, "lead a team", "", 2, Need.Horizon.YEAR),
            ("panels", Competency.WHOM, "be heard by funding panels", "Health research", 2, Need.Horizon.YEAR),
            ("known", Competency.WHOM, "be known to social-care commissioners", "Social care", 3, Need.Horizon.YEAR),
        )
        for key, competency, words, sector, weight, horizon in wanted:
            need = Need.objects.create(
                owner=self.user,
                competency=competency,
                words=words,
                sector=sector,
                weight=weight,
                horizon=horizon,
                opened_on=self._day(58),
            )
            BriefNeed.objects.create(owner=self.user, brief=brief, need=need)
            self.needs[key] = need

    def _mentor(
        self,
        key: str,
        *,
        origin: Mentorship.Origin,
        on: dt.date,
        needs: list[str],
        form: Mentorship.Form = Mentorship.Form.INFORMAL,
        **fields: object,
    ) -> Mentorship:
        mentorship = open_mentorship(
            person=self.people[key], origin=origin, on=on, form=form, needs=[self.needs[name] for name in needs]
        )
        for name, value in fields.items():
            setattr(mentorship, name, value)
        mentorship.save(update_fields=list(fields))
        return mentorship

    def _margaret(self) -> None:
        self.margaret = self._mentor(
            "margaret",
            origin=Mentorship.Origin.GREW,
            on=dt.date(2016, 10, 3),
            needs=["values"],
            closeness=Mentorship.Closeness.CLOSE,
            breadth=Mentorship.Breadth.BROAD_LONG,
            phase=Mentorship.Phase.PROGRESS,
            friends_since=dt.date(2022, 6, 18),
            rhythm_weeks=12,
            giving_back="I read her grant drafts and send her the papers she has no time to find.",
        )
        MentorshipEvent.objects.create(
            owner=self.user,
            mentorship=self.margaret,
            what=MentorshipEvent.What.BECAME_FRIENDS,
            on=dt.date(2022, 6, 18),
        )
        Support.objects.filter(mentorship=self.margaret).update(strength=Support.Strength.STRONG)
        record_contact(person=self.people["margaret"], at=self._ago(24, 18), kind=Contact.Kind.CALL, note="Sunday call")

    def _tomasz(self) -> None:
        mentorship = self._mentor(
            "tomasz",
            origin=Mentorship.Origin.PROGRAMME,
            form=Mentorship.Form.FORMAL,
            on=self._day(160),
            needs=["fellowship"],
            closeness=Mentorship.Closeness.DISTANT,
            breadth=Mentorship.Breadth.NARROW_SHORT,
            phase=Mentorship.Phase.PROGRESS,
            rhythm_weeks=4,
            direction_private="Hand in a fellowship application I would be proud of, with or without the money.",
            direction_shared="Hand in a strong fellowship application next autumn.",
        )
        last = self._meeting(mentorship, days_ago=28, kind=Meeting.Kind.REGULAR, purpose="The research question")
        for words, state, outcome in (
            (
                "The research question in two sentences",
                AgendaItem.State.DONE,
                "Clear now: one population, one decision.",
            ),
            ("Whom to name as host institution", AgendaItem.State.OPEN, ""),
        ):
            AgendaItem.objects.create(
                owner=self.user,
                meeting=last,
                position=last.items.count(),
                words=words,
                state=state,
                outcome=outcome,
                minutes=25,
                need=self.needs["fellowship"],
            )
        hold_meeting(meeting=last, at=last.starts_at)
        add_action(
            meeting=last,
            action=Action(words="Send Tomasz the one-page outline", whose=Action.Whose.MINE, due_on=self._day(-1)),
        )
        add_action(meeting=last, action=Action(words="Share a funded application", whose=Action.Whose.THEIRS))
        self._meeting(
            mentorship, days_ago=-1, kind=Meeting.Kind.REGULAR, purpose="Choose the host institution", hour=11
        )

    def _rukhsana(self) -> None:
        mentorship = self._mentor(
            "rukhsana",
            origin=Mentorship.Origin.ASKED,
            on=self._day(300),
            needs=["team"],
            closeness=Mentorship.Closeness.NEAR,
            breadth=Mentorship.Breadth.BROAD_SHORT,
            phase=Mentorship.Phase.PROGRESS,
            rhythm_weeks=6,
            direction_private="Lead without turning into somebody else.",
        )
        Support.objects.create(
            owner=self.user,
            mentorship=mentorship,
            competency=Competency.WHY,
            strength=Support.Strength.SOME,
            since=self._day(200),
        )
        meeting = self._meeting(mentorship, days_ago=39, kind=Meeting.Kind.REGULAR, purpose="A difficult conversation")
        AgendaItem.objects.create(
            owner=self.user,
            meeting=meeting,
            position=meeting.items.count(),
            words="How to tell somebody that they are not ready",
            state=AgendaItem.State.DONE,
            outcome="Say it early, say it in private, offer the next step.",
            minutes=40,
            need=self.needs["team"],
        )
        hold_meeting(meeting=meeting, at=meeting.starts_at)

    def _meeting(self, mentorship: Mentorship, *, days_ago: int, kind: str, purpose: str, hour: int = 14) -> Meeting:
        return plan_meeting(
            owner=self.user,
            person=mentorship.person,
            kind=kind,
            starts_local=dt.datetime.combine(self._day(days_ago), dt.time(hour)),
            zone=self.user.time_zone,
            minutes=60,
            place="Online",
            purpose=purpose,
            mentorship=mentorship,
            suggested=False,
        )

    def _write(self, approach: Approach, purpose: Purpose, key: str, values: dict[str, str], at: dt.datetime) -> None:
        message = drafts.start_draft(purpose=purpose, template=starter(key), approach=approach)
        message.field_values = {**message.field_values, **values}
        message.save(update_fields=["field_values"])
        drafts.record_sent(message=message, at=at)

    def _opened(self, approach: Approach, *, days_ago: int, sent_at: dt.datetime) -> None:
        """Date the beginnings back: the verbs note them as of now."""
        begun = [ApproachEvent.Kind.OPENED, ApproachEvent.Kind.MOVED]
        approach.events.filter(kind__in=begun).update(at=self._ago(days_ago))
        Approach.objects.filter(pk=approach.pk).update(opened_at=self._ago(days_ago), stage_since=sent_at)

    def _gwen(self) -> None:
        """Written to three weeks ago, and silence since: the follow-up is due this morning."""
        approach, _ = services.open_approach(
            person=self.people["gwen"], needs=[self.needs["panels"]], why_them="you sit on the panels I will write for"
        )
        values = {
            "topic": "how funding panels read",
            "about_me": "I am a trial methodologist at Calder Valley Hospitals, three years after my doctorate.",
            "what_i_noticed": "Your talk on what reviewers skip has changed how I write my first page.",
            "why_them": "you have chaired a panel and examined my thesis",
        }
        self._write(approach, Purpose.FIRST_APPROACH, "first-email", values, self._ago(21, 10))
        self._opened(approach, days_ago=23, sent_at=self._ago(21, 10))
        follow_up = FollowUp.objects.get(approach=approach)
        FollowUp.objects.filter(pk=follow_up.pk).update(due_on=min(follow_up.due_on, self.today))
        Reminder.objects.filter(owner=self.user, kind="follow_up_due", subject_id=follow_up.pk).update(
            state=Reminder.State.MAILED, wished_on=self.today, wall_date=self.today, due_at=self.now
        )

    def _henrik(self) -> None:
        """A kind no that led on: Henrik recommended Priya."""
        approach, _ = services.open_approach(person=self.people["henrik"], needs=[self.needs["known"]])
        values = {
            "topic": "research in social care",
            "about_me": "I am a trial methodologist at Calder Valley Hospitals.",
            "what_i_noticed": "Your comment on our protocol made it a better trial.",
            "why_them": "you have moved from hospitals to social care yourself",
        }
        self._write(approach, Purpose.FIRST_APPROACH, "first-email", values, self._ago(44, 9))
        services.record_reply(
            approach=approach,
            at=self._ago(41, 16),
            words="Dear Ffion, thank you for your kind note. I can't take this on this year. "
            "Have you met Priya Nand at Wexcombe Council? She thinks about these things every day.",
            outcome=Approach.Outcome.DECLINED,
        )
        self._write(
            approach,
            Purpose.GRACEFUL_DECLINE,
            "decline-email",
            {"topic": "commissioning"},
            self._ago(40, 9),
        )
        self._opened(approach, days_ago=45, sent_at=self._ago(44, 9))
        Knows.objects.create(
            owner=self.user, knower=self.people["henrik"], known=self.people["priya"], note="Recommended her"
        )

    def _gap(self) -> None:
        """The heaviest need has nobody yet; three could help, and Margaret knows one of them."""
        for key, why in (
            ("callum", "Commissions social care, and is outside my own organisation"),
            ("priya", "Henrik says she thinks about this every day"),
            ("delphine", "Brings commissioners and researchers together"),
        ):
            CouldHelp.objects.create(owner=self.user, person=self.people[key], need=self.needs["known"], why=why)
        Knows.objects.create(
            owner=self.user,
            knower=self.people["margaret"],
            known=self.people["callum"],
            note="They sat on a committee together",
        )
        message: Message = drafts.start_draft(
            purpose=Purpose.INTRODUCTION, template=starter("introduction-email"), mentorship=self.margaret
        )
        message.field_values = {
            "who_to_meet": "Callum Reith",
            "topic": "how social-care commissioners choose what to fund",
            "about_me": "Ffion is a trial methodologist who wants to build a social-care research group.",
        }
        message.save(update_fields=["field_values"])
        send_later.remind_to_send(message=message, at=self.now + FIRST_REMINDER)
