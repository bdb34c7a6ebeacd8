"""Why this person: the user's earlier thoughts about them, and who knows them, for the approach's page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, F, IntegerField, Value

from accounts.private_notes import NO_NOTE
from outreach.models import Approach
from portfolio.models import CouldHelp, Knows

THOUGHT, KNOWS = "thought", "knows"


@dataclass(frozen=True)
class Reasons:
    """``thoughts`` as the user wrote them; ``knowers`` as (person id, name)."""

    thoughts: list[str]
    knowers: list[tuple[int, str]]


def reasons(approach: Approach) -> Reasons:
    """The reasons for approaching this person. One query."""
    text, nobody = CharField(), Value(0, IntegerField())
    mine = {"owner_id": approach.owner_id}
    thoughts = CouldHelp.objects.filter(person=approach.person_id, state=CouldHelp.State.THOUGHT_OF, **mine)
    knows = Knows.objects.filter(known=approach.person_id, **mine)
    rows = (
        thoughts.exclude(why="")
        .order_by()
        .values_list(Value(THOUGHT, text), "pk", nobody, Value("", text), "why")
        .union(knows.order_by().values_list(Value(KNOWS, text), "pk", F("knower"), "knower__name", NO_NOTE), all=True)
    )
    found = sorted(rows, key=lambda row: row[1])
    said = dict.fromkeys(why for kind, _, _, _, why in found if kind == THOUGHT)
    return Reasons(list(said), [(person, name) for kind, _, person, name, _ in found if kind == KNOWS])
