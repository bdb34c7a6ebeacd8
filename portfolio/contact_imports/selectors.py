"""What the pages of an import show."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import Count

from accounts.words import in_figures
from portfolio.contact_imports.changes import Change
from portfolio.contact_imports.dry_run import LIKE_ANOTHER
from portfolio.contact_imports.matching import ADDRESS, NAME, NAMESAKE, PROFILE
from portfolio.models import ContactImport, ImportRow

A_PAGE = 25  # a row with several changes side by side is some 1,200 bytes, and a page at most 40,000
State, Outcome, Choice, Result, Rule = (
    ContactImport.State,
    ImportRow.Outcome,
    ImportRow.Choice,
    ImportRow.Result,
    ContactImport.Rule,
)
KINDS = {
    "linkedin": "Your connections on LinkedIn",
    "google": "Contacts from Google",
    "outlook": "Contacts from Outlook",
    "vcard": "Contact cards",
    "csv": "A table",
    "text": "A list of names",
}
_HOW = {
    ADDRESS: "the same e-mail address",
    PROFILE: "the same profile on LinkedIn",
    NAME: "the same name, or nearly, and nothing that speaks against it",
    NAMESAKE: "the same name in another organisation",
}
# The tabs of a file that was read, those that ask for a decision first.
TABS = (Outcome.MAYBE, Outcome.CHANGED, Outcome.NEW, Outcome.UNREADABLE, Outcome.SAME)
_OPTIONS: dict[str, list[tuple[str, str]]] = {
    Outcome.NEW: [("", "Add"), (Choice.SKIP, "Leave out")],
    Outcome.MAYBE: [
        ("", "Leave out for now"),
        (Choice.MERGE, "It’s them: add what is missing"),
        (Choice.OVERWRITE, "It’s them: let the file win"),
        (Choice.ADD, "Somebody else: add"),
    ],
    Outcome.CHANGED: [
        ("", "As for all of them"),
        (Choice.SKIP, "Leave as it is"),
        (Choice.MERGE, "Add what is missing"),
        (Choice.OVERWRITE, "Let the file win"),
        (Choice.ADD, "Somebody else: add"),
    ],
    Outcome.SAME: [("", "Nothing to do"), (Choice.ADD, "Somebody else: add")],
}
_OPTIONS_OF_NAMESAKES = [*_OPTIONS[Outcome.NEW], (Choice.MERGE, "It’s them: add what is missing")]


@dataclass(frozen=True)
class RowShown:
    """One entry of the file. ``facts`` is what it says beside the name."""

    pk: int
    name: str
    facts: str
    line: int
    how: str = ""
    person_id: int | None = None
    person_name: str = ""
    changes: list[Change] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    choice: str = ""
    result: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What pressing the button would do."""

    add: int
    change: int
    left: int  # suggestions nobody has decided

    @property
    def words(self) -> str:
        parts = [in_figures(self.add, "new person", "new people")] if self.add else []
        if self.change:
            parts.append(f"{in_figures(self.change, 'change', 'changes')}")
        return " and ".join(parts) or "nothing"


@dataclass(frozen=True)
class DryRun:
    """A page of a file that was read, by outcome."""

    batch: ContactImport
    tab: str
    tabs: list[tuple[str, str, int]]  # value, label, how many
    page: Page[ImportRow]
    rows: list[RowShown]

    @property
    def options(self) -> list[tuple[str, str]]:
        """For all rows of the tab at once."""
        return _OPTIONS.get(self.tab, [])


def dry_run(batch: ContactImport, wish: str, number: str | None) -> DryRun:
    counts = {str(key): value for key, value in batch.counts.items() if isinstance(value, int)}
    tabs = [(str(tab), str(tab.label), counts[tab]) for tab in TABS if counts.get(tab)]
    there = [value for value, _, _ in tabs]
    tab = wish if wish in there else there[0] if there else str(Outcome.NEW)
    rows = batch.rows.filter(outcome=tab).select_related("person", "same_as").order_by("number")
    page = Paginator(rows, A_PAGE).get_page(number)
    return DryRun(batch, tab, tabs, page, [shown(row) for row in page])


def results(batch: ContactImport, result: str, number: str | None) -> tuple[Page[ImportRow], list[RowShown]]:
    """A page of the rows that came to this; empty for those that were left out."""
    rows = batch.rows.filter(result=result).select_related("person").order_by("number")
    page = Paginator(rows.exclude(outcome=Outcome.UNREADABLE), A_PAGE).get_page(number)
    return page, [shown(row) for row in page]


def shown(row: ImportRow) -> RowShown:
    said = row.contact
    facts = [said.get("headline", ""), said.get("organisation", ""), *said.get("emails", [])[:2]]
    options = _OPTIONS.get(row.outcome, [])
    return RowShown(
        pk=row.pk,
        name=said.get("name", ""),
        facts=" · ".join(fact for fact in facts if fact),
        line=row.line,
        how=_how(row),
        person_id=row.person_id,
        person_name=row.person.name if row.person else "",
        changes=[Change(*one) for one in row.changes],
        problems=list(row.problems),
        choice=row.choice,
        result=row.get_result_display() if row.result else "",
        options=_OPTIONS_OF_NAMESAKES if row.outcome == Outcome.NEW and row.person_id else options,
    )


def _how(row: ImportRow) -> str:
    if row.how == LIKE_ANOTHER and row.same_as:
        return f"the same person as in line {row.same_as.line}"
    return _HOW.get(row.how, "")


def heading(batch: ContactImport) -> tuple[str, str]:
    """(title, a sentence) of the import's page."""
    leave = "You can leave this page; it goes on without you."
    kind = KINDS.get(batch.kind, "")
    words = {
        State.MAPPING: ("What is in each column?", "This table has headings of its own. Nothing is changed yet."),
        State.READING: ("Reading the file", f"Nothing is changed yet. {leave}"),
        State.READY: (batch.name, f"{kind}. Nothing is changed yet."),
        State.IMPORTING: ("Bringing them in", leave),
        State.STOPPED: (batch.name, "Stopped on the way. What came in stays; you can go on, or take it back."),
        State.DONE: (batch.name, "It is done."),
        State.UNDOING: ("Taking it back", leave),
        State.UNDONE: (batch.name, "It was taken back."),
        State.FAILED: (batch.name, "This could not be read. Nothing was changed."),
        State.FORGOTTEN: (batch.name, "This was looked at and not brought in, so it was deleted after a week."),
    }
    return words[State(batch.state)]


def came(counts: dict[str, int]) -> str:
    """What a finished import did, in words; empty for nothing."""
    added, changed = counts.get(Result.ADDED, 0), counts.get(Result.CHANGED, 0)
    parts = [in_figures(added, "new person", "new people")] if added else []
    return ", ".join([*parts, f"{changed:,} changed"] if changed else parts)


def plan(batch: ContactImport) -> Plan:
    """Counted over all rows that nothing was done with yet. One query."""
    add = change = left = 0
    todo = batch.rows.filter(result="").order_by().values_list("outcome", "choice", "merges").annotate(Count("pk"))
    for outcome, choice, merges, number in todo:
        if outcome == Outcome.UNREADABLE or choice == Choice.SKIP:
            continue
        if choice == Choice.ADD or (outcome == Outcome.NEW and not choice):
            add += number
        elif outcome == Outcome.MAYBE and not choice:
            left += number
        elif (rule := choice or batch.rule) != Rule.SKIP and (
            merges or (rule == Rule.OVERWRITE and outcome != Outcome.SAME)
        ):
            change += number
    return Plan(add, change, left)
