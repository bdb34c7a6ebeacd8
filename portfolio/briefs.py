"""The brief: six questions, one a page, and what may be said beside each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from portfolio.models import Brief, BriefNeed, Competency, Need


@dataclass(frozen=True)
class Step:
    slug: str
    field: str
    question: str
    advice: str
    hint: str = ""
    heading: str = ""


STEPS = (
    Step(
        "why-now",
        "why_now",
        "Why do you want mentoring now?",
        "A reason you can name makes the first letter easier to write, and easier to answer. It may be a role you are "
        "growing into, a choice you keep putting off, or a sense that something is missing.",
        "A few sentences, as you would tell a friend.",
        "Why now",
    ),
    Step(
        "contexts",
        "contexts",
        "What is it about?",
        "Mentoring can serve a whole career, a single skill, or the courage to use it. Tick whatever is true today; "
        "the next brief may look quite different.",
        "As many as apply.",
        "What it is about",
    ),
    Step(
        "looking-for",
        "looking_for",
        "What are you looking for in a mentor?",
        "Picture how somebody would be with you, rather than which title they hold. Nobody has to be all of it: "
        "several people can each bring a part.",
        "What should they know, and how should it feel to talk with them?",
        "What I look for",
    ),
    Step(
        "good-mentee",
        "good_mentee",
        "What makes you a good mentee?",
        "Somebody will give you their time; what do they meet in you? Coming prepared, keeping your word and telling "
        "them what came of it matter more than being brilliant.",
        "What you bring, and what you will take care to do.",
        "What I bring",
    ),
    Step(
        "direction",
        "direction",
        "Where are you heading in the long run?",
        "Conversations stay useful when each of them points the same way. One sentence is plenty, and it may change: "
        "what comes of mentoring is seldom quite what was planned.",
        "Such as: lead a research group of my own by 2030.",
        "Long-term direction",
    ),
    Step(
        "needs",
        "",
        "What do you need somebody for?",
        "Small and concrete finds people: “be known to the people who fund trials” leads somewhere, “networking” "
        "doesn't. Look at all three kinds of knowing; it is rare for one mentor to bring them all.",
        "",
        "Needs",
    ),
)
BY_SLUG = {step.slug: step for step in STEPS}

SUGGESTIONS: dict[str, tuple[tuple[Competency, str], ...]] = {
    Brief.Context.DEVELOPMENT: (
        (Competency.WHY, "decide which way my career should go"),
        (Competency.HOW, "prepare for the next grade"),
    ),
    Brief.Context.SECTOR: (
        (Competency.HOW, "understand how this sector really works"),
        (Competency.WHOM, "meet people who have worked in it for years"),
    ),
    Brief.Context.POLITICS: (
        (Competency.HOW, "read how decisions are made above me"),
        (Competency.WHOM, "be known to those who decide"),
    ),
    Brief.Context.SKILLS: (
        (Competency.HOW, "lead a team for the first time"),
        (Competency.HOW, "win funding for my own project"),
    ),
    Brief.Context.CONFIDENCE: (
        (Competency.WHY, "trust my own judgement in the room"),
        (Competency.WHY, "say what I stand for without apology"),
    ),
    Brief.Context.CHANGE: (
        (Competency.WHY, "find my place while everything around me moves"),
        (Competency.HOW, "carry other people through a reorganisation"),
    ),
}


def suggestions(contexts: Iterable[str], needs: Iterable[Need]) -> list[tuple[Competency, str]]:
    """Ready-made starting words for the contexts ticked, without those that are needs already."""
    taken = {need.words.casefold() for need in needs}
    ticked = [row for context in Brief.Context.values if context in contexts for row in SUGGESTIONS[context]]
    return [row for row in dict.fromkeys(ticked) if row[1].casefold() not in taken]


def next_step(step: Step) -> Step | None:
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else None


def step_before(step: Step) -> Step | None:
    place = STEPS.index(step) - 1
    return STEPS[place] if place >= 0 else None


def first_unanswered(brief: Brief) -> Step:
    """Where to go on: the first question without an answer, else the needs."""
    return next((step for step in STEPS if step.field and not getattr(brief, step.field)), STEPS[-1])


@transaction.atomic
def start_brief(user: User) -> tuple[Brief, bool]:
    """The unfinished brief, or a new one, and whether it is new. Two presses at once make one brief."""
    User.objects.select_for_update().get(pk=user.pk)
    unfinished = Brief.objects.filter(owner=user, finished_at__isnull=True).first()
    if unfinished:
        return unfinished, False
    return Brief.objects.create(owner=user), True


def gather(brief: Brief, needs: Iterable[Need]) -> int:
    """Take these needs into the brief, once each; how many are new to it."""
    before = brief.needs.count()
    BriefNeed.objects.bulk_create(
        [BriefNeed(owner_id=brief.owner_id, brief=brief, need=need) for need in needs], ignore_conflicts=True
    )
    return brief.needs.count() - before


def finish_brief(brief: Brief) -> None:
    """Keep the moment (UTC) it was first finished; answers can still be changed."""
    if brief.finished_at is None:
        brief.finished_at = timezone.now()
        brief.save(update_fields=["finished_at"])
