"""Turns mentorships, needs and dates into plain values for coverage, timeline and range."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from accounts.words import sentence
from portfolio.models import Competency, Mentorship, MentorshipEvent, Support
from portfolio.overview.coverage import SupportFact
from portfolio.overview.coverage_table import Table, table
from portfolio.overview.range import ENOUGH, MentorWorld, Observation, observations
from portfolio.overview.selectors import PortfolioView, mentor_fact, need_fact
from portfolio.overview.timeline import Pause, Span, Timeline, draw
from portfolio.text.normalise import fold

if TYPE_CHECKING:
    from accounts.models import User

What = MentorshipEvent.What
ORDER = Competency.values


def competencies_of(supports: Iterable[Support], shown_under: str = "") -> list[str]:
    """The supported competencies, strongest first; on a tie first the user's choice, then why, how, whom."""
    strength: dict[str, int] = {}
    for support in supports:
        strength[support.competency] = max(support.strength, strength.get(support.competency, 0))
    return sorted(strength, key=lambda c: (-strength[c], c != shown_under, ORDER.index(c)))


def coverage_of(view: PortfolioView) -> Table:
    """The coverage table, without another query."""
    supports = [s for mentorship in view.mentorships for s in view.supports.get(mentorship.pk, ())]
    return table(
        [need_fact(here.need) for here in view.needs],
        [SupportFact(s.mentorship_id, s.competency, s.need_id, s.strength) for s in supports],
        [mentor_fact(mentorship) for mentorship in view.mentorships],
        {here.need.pk: len(here.could_help) for here in view.needs},
    )


def range_of(view: PortfolioView, user: User) -> list[Observation]:
    """Observations about the range of current mentors, without another query."""
    worlds = [_world(m, view.supports.get(m.pk, ())) for m in view.mentorships]
    return observations(worlds, fold(user.organisation))


def asks_where_you_work(view: PortfolioView, user: User) -> bool:
    """Whether the user's workplace is needed to say something about the range of their mentors."""
    known = [m for m in view.mentorships if m.person.organisation]
    return not user.organisation and len(view.mentorships) >= ENOUGH and bool(known)


def _world(mentorship: Mentorship, supports: Sequence[Support]) -> MentorWorld:
    person = mentorship.person
    return MentorWorld(
        organisation=fold(person.organisation),
        organisation_words=person.organisation,
        sector=fold(person.sector),
        sector_words=person.sector,
        source=person.source,
        formal=mentorship.form == Mentorship.Form.FORMAL,
        breadth=breadth_of(mentorship),
        competencies=frozenset(support.competency for support in supports),
    )


def breadth_of(mentorship: Mentorship) -> str:
    """ "narrow", "broad", or empty if unknown."""
    return mentorship.breadth.partition("_")[0]


def timeline_of(user: User) -> Timeline:
    """All mentorships, past and current, in three queries."""
    mentorships = Mentorship.objects.filter(owner=user).select_related("person")
    mentorships = mentorships.prefetch_related("events", "supports").order_by("started_on", "pk")
    return draw([span_of(mentorship) for mentorship in mentorships], user.today())


def span_of(mentorship: Mentorship) -> Span:
    """One mentorship with its prefetched events and supports, for the timeline."""
    events = sorted(mentorship.events.all(), key=lambda event: (event.on, event.pk))
    supports = list(mentorship.supports.all())
    now = [support for support in supports if support.until is None]
    competencies = competencies_of(now or supports, mentorship.shown_under)
    turned = [event.on for event in events if event.what == What.TURNED_INFORMAL]
    formal = mentorship.form == Mentorship.Form.FORMAL
    span = Span(
        id=mentorship.pk,
        person_id=mentorship.person_id,
        name=mentorship.person.name,
        start=mentorship.started_on,
        end=mentorship.ended_on,
        competency=competencies[0] if competencies else mentorship.shown_under,
        breadth=breadth_of(mentorship),
        formal=formal or bool(turned),
        formal_until=turned[-1] if turned and not formal else None,
        pauses=tuple(_pauses(events)),
        friends_since=mentorship.friends_since,
        href=mentorship.get_absolute_url(),
    )
    return Span(**{**vars(span), "words": _said(mentorship, span)})


def _pauses(events: Iterable[MentorshipEvent]) -> list[Pause]:
    pauses: list[Pause] = []
    for event in events:
        rests = bool(pauses) and pauses[-1].end is None
        if event.what == What.PAUSED and not rests:
            pauses.append(Pause(event.on))
        elif event.what in {What.RESUMED, What.ENDED} and rests:
            pauses[-1] = Pause(pauses[-1].start, event.on)
    return pauses


def _paused(pause: Pause) -> str:
    if pause.end is None:
        return f"paused since {pause.start:%B %Y}"
    return f"paused from {pause.start:%B %Y} to {pause.end:%B %Y}"


def _said(mentorship: Mentorship, span: Span) -> str:
    """The text alternative of a lane."""
    end = f"until {span.end:%B %Y}" if span.end else "until today"
    parts = [f"{span.start:%B %Y} {end}"]
    if span.competency:
        parts.append(Competency(span.competency).label.lower())
    if mentorship.breadth:
        parts.append(mentorship.get_breadth_display().lower())
    if span.formal:
        parts.append(f"formal until {span.formal_until:%B %Y}, informal since" if span.formal_until else "formal")
    parts += [_paused(pause) for pause in span.pauses]
    if mentorship.ended_as:
        parts.append(f"ended: {mentorship.get_ended_as_display().lower()}")
    if span.friends_since:
        parts.append(f"friends since {span.friends_since:%B %Y}")
    return sentence("; ".join(parts))
