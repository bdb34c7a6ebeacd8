"""The brief: six questions, one per page, with a help text for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import ManyToOneRel, Q
from django.utils import timezone

from accounts.models import User
from portfolio.models import Brief, BriefNeed, Competency, Need
from portfolio.text.normalise import fold


@dataclass(frozen=True)
class BriefStep:
    slug: str
    field: str
    question: str
    advice: str
    hint: str = ""
    heading: str = ""


STEPS = (
    BriefStep(
        "why-now",
        "why_now",
        "Why do you want mentoring now?",
        "A reason you can name makes the first letter easier to write, and easier to answer. It may be a role you are "
        "growing into, a choice you keep putting off, or a sense that something is missing.",
        "A few sentences, as you would tell a friend.",
        "Why now",
    ),
    BriefStep(
        "contexts",
        "contexts",
        "What is it about?",
        "Mentoring can serve a whole career, a single skill, or the courage to use it. Tick whatever is true today; "
        "the next brief may look quite different.",
        "As many as apply.",
        "What it is about",
    ),
    BriefStep(
        "looking-for",
        "looking_for",
        "What are you looking for in a mentor?",
        "Picture how somebody would be with you, rather than which title they hold. Nobody has to be all of it: "
        "several people can each bring a part.",
        "What should they know, and how should it feel to talk with them?",
        "What I look for",
    ),
    BriefStep(
        "good-mentee",
        "good_mentee",
        "What makes you a good mentee?",
        "Somebody will give you their time; what do they meet in you? Coming prepared, keeping your word and telling "
        "them what came of it matter more than being brilliant.",
        "What you bring, and what you will take care to do.",
        "What I bring",
    ),
    BriefStep(
        "direction",
        "direction",
        "Where are you heading in the long run?",
        "Conversations stay useful when each of them points the same way. One sentence is plenty, and it may change: "
        "what comes of mentoring is seldom quite what was planned.",
        "Such as: lead a research group of my own by 2030.",
        "Long-term direction",
    ),
    BriefStep(
        "needs",
        "",
        "What do you need somebody for?",
        "Small and concrete finds people: “be known to the people who fund trials” leads somewhere, “networking” "
        "doesn’t. Look at all three kinds of knowing; it is rare for one mentor to bring them all.",
        "",
        "Needs",
    ),
)
BY_SLUG = {step.slug: step for step in STEPS}

# At least four per context, covering all three kinds of knowing: small, concrete, to use as they are or to edit.
SUGGESTIONS: dict[str, tuple[tuple[Competency, str], ...]] = {
    Brief.Context.DEVELOPMENT: (
        (Competency.WHY, "decide which way my career should go"),
        (Competency.WHY, "know what I would give up for the next role, and what I wouldn’t"),
        (Competency.HOW, "prepare for the next grade"),
        (Competency.WHOM, "be thought of when a post is made"),
        (Competency.WHOM, "meet people two steps ahead of me"),
    ),
    Brief.Context.SECTOR: (
        (Competency.WHY, "find out whether this sector suits what I care about"),
        (Competency.HOW, "understand how this sector really works"),
        (Competency.HOW, "speak its language without pretending"),
        (Competency.WHOM, "meet people who have worked in it for years"),
    ),
    Brief.Context.POLITICS: (
        (Competency.WHY, "stay true to myself when interests collide"),
        (Competency.HOW, "read how decisions are made above me"),
        (Competency.HOW, "bring a proposal through a committee"),
        (Competency.WHOM, "be known to those who decide"),
    ),
    Brief.Context.SKILLS: (
        (Competency.WHY, "choose the one skill worth a year of my time"),
        (Competency.HOW, "lead a team for the first time"),
        (Competency.HOW, "win funding for my own project"),
        (Competency.WHOM, "find people who practise what I want to learn"),
    ),
    Brief.Context.CONFIDENCE: (
        (Competency.WHY, "trust my own judgement in the room"),
        (Competency.WHY, "say what I stand for without apology"),
        (Competency.HOW, "speak up in a meeting of people senior to me"),
        (Competency.WHOM, "have somebody who has seen my work and says so"),
    ),
    Brief.Context.CHANGE: (
        (Competency.WHY, "find my place while everything around me moves"),
        (Competency.HOW, "carry other people through a reorganisation"),
        (Competency.HOW, "say goodbye to a role and begin another well"),
        (Competency.WHOM, "know people who went through the same and came out well"),
    ),
}


def suggestions(contexts: Iterable[str], needs: Iterable[Need]) -> list[tuple[Competency, str]]:
    """Suggested needs for the chosen contexts, by kind of knowing, without those that exist already."""
    taken = {fold(need.words) for need in needs}
    ticked = [row for context in Brief.Context.values if context in contexts for row in SUGGESTIONS[context]]
    fresh = [row for row in dict.fromkeys(ticked) if fold(row[1]) not in taken]
    return sorted(fresh, key=lambda row: Competency.values.index(row[0]))


def next_step(step: BriefStep) -> BriefStep | None:
    place = STEPS.index(step) + 1
    return STEPS[place] if place < len(STEPS) else None


def step_before(step: BriefStep) -> BriefStep | None:
    place = STEPS.index(step) - 1
    return STEPS[place] if place >= 0 else None


def first_unanswered(brief: Brief) -> BriefStep:
    """The page to continue with: the first question without an answer, else the needs."""
    return next((step for step in STEPS if step.field and not getattr(brief, step.field)), STEPS[-1])


@transaction.atomic
def start_brief(user: User) -> tuple[Brief, bool]:
    """The unfinished brief, or a new one, and whether it is new. Concurrent requests create one brief."""
    User.objects.select_for_update().get(pk=user.pk)
    unfinished = Brief.objects.filter(owner=user, finished_at__isnull=True).first()
    if unfinished:
        return unfinished, False
    return Brief.objects.create(owner=user), True


def suggestions_for(brief: Brief) -> list[tuple[Competency, str]]:
    """Suggestions for this brief, without needs it already has, and without open needs, which it can include."""
    needs = Need.objects.filter(Q(briefs=brief) | Q(closed_on__isnull=True), owner_id=brief.owner_id)
    return suggestions(brief.contexts, needs.distinct())


@transaction.atomic
def take_suggestion(*, brief: Brief, words: str) -> Need | None:
    """Add a suggestion to this brief as a need. None if it is not, or no longer, suggested."""
    owner = User.objects.select_for_update().get(pk=brief.owner_id)
    found = next((row for row in suggestions_for(brief) if row[1] == words), None)
    if found is None:
        return None
    need = Need.objects.create(owner=owner, competency=found[0], words=words, opened_on=owner.today())
    gather(brief, [need])
    return need


@transaction.atomic
def let_go(*, brief: Brief, need: Need) -> bool:
    """Remove a need from the brief. True if the need was deleted, because it is new and nothing else refers to it."""
    BriefNeed.objects.filter(brief=brief, need=need).delete()
    if need.opened_on != need.owner.today() or need.closed_on or _holds_anything(need):
        return False
    need.delete()
    return True


def _holds_anything(need: Need) -> bool:
    """Whether a row of any app refers to it. Includes hidden relations, such as other briefs and approaches."""
    for relation in Need._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            rows = relation.field.model._base_manager.filter(**{relation.field.name: need})
            if rows.exists():
                return True
    return False


def gather(brief: Brief, needs: Iterable[Need]) -> int:
    """Add these needs to the brief, once each; returns how many were added."""
    before = brief.needs.count()
    BriefNeed.objects.bulk_create(
        [BriefNeed(owner_id=brief.owner_id, brief=brief, need=need) for need in needs], ignore_conflicts=True
    )
    return brief.needs.count() - before


def finish_brief(brief: Brief) -> None:
    """Store when (UTC) it was first finished; answers can still be changed."""
    if brief.finished_at is None:
        brief.finished_at = timezone.now()
        brief.save(update_fields=["finished_at"])
