"""A file is looked at, brought in, read again, and taken back."""

from __future__ import annotations

import pytest

from accounts.models import StoredFile, User
from portfolio.contact_imports import services
from portfolio.contact_imports.services import TooLate
from portfolio.models import ContactImport, ImportedContact, ImportKey, ImportRow, NewPost, Person, Tag
from tests.factories import make_need, make_person
from tests.portfolio.contact_imports.importing import (
    LINKEDIN,
    as_stored,
    bring_in,
    outcomes,
    read,
    row,
    undo,
    work,
)

pytestmark = pytest.mark.django_db

State, Outcome, Choice, Result = ContactImport.State, ImportRow.Outcome, ImportRow.Choice, ImportRow.Result
TWO = f"""{LINKEDIN}Priya,Shah,https://www.linkedin.com/in/priya,priya@example.org,Northern Trust,Nurse,15 Jun 2026
Tom,Ode,https://www.linkedin.com/in/tom,,Acme,Engineer,1 Feb 2020
"""


def test_looking_changes_nothing(alice: User) -> None:
    before = as_stored(alice)
    batch = read(alice, TWO)
    assert (batch.state, batch.kind, batch.counts) == (State.READY, "linkedin", {"new": 2})
    assert as_stored(alice) == before


def test_new_people_come_with_all_that_the_file_says(alice: User) -> None:
    batch = bring_in(read(alice, TWO, source="linkedin"))
    assert batch.state == State.DONE
    priya = Person.objects.for_user(alice).get(name="Priya Shah")
    assert (priya.headline, priya.organisation, priya.source) == ("Nurse", "Northern Trust", "linkedin")
    assert priya.source_detail == "Connected on LinkedIn on 15 June 2026"
    assert priya.email == "priya@example.org"
    assert [link.url for link in priya.links.all()] == ["https://www.linkedin.com/in/priya"]
    assert Person.objects.matching("priya@example.org northern").get() == priya
    assert batch.counts["results"] == {"added": 2}
    assert not StoredFile.objects.exists()
    assert not ImportKey.objects.exists()


def test_the_same_file_again_adds_nobody(alice: User) -> None:
    bring_in(read(alice, TWO))
    before = as_stored(alice)
    again = read(alice, TWO)
    assert outcomes(again) == [Outcome.SAME, Outcome.SAME]
    bring_in(again)
    assert as_stored(alice) == before


def test_an_address_wins_over_a_profile_and_a_profile_over_a_name(alice: User) -> None:
    by_address = make_person(alice, "P. S.", email="Priya@Example.org")
    by_profile = make_person(alice, "T. O.")
    by_profile.links.create(owner=alice, url="http://uk.linkedin.com/in/TOM/")
    named = make_person(alice, "Dr Ann  Lée", organisation="Acme")
    batch = read(alice, TWO + "Ann,Lee,,,Acme,Chair,\nAnn,Lee,,,Other Ltd,Chair,\n")
    assert [one.person for one in batch.rows.all()] == [by_address, by_profile, named, named]
    assert outcomes(batch) == [Outcome.CHANGED, Outcome.CHANGED, Outcome.MAYBE, Outcome.NEW]
    assert [one.how for one in batch.rows.all()] == ["address", "profile", "name", "namesake"]


def test_a_namesake_elsewhere_is_somebody_new_unless_the_user_knows_better(alice: User) -> None:
    ann = make_person(alice, "Ann Lee", organisation="Old Place")
    text = LINKEDIN + "Ann,Lee,,ann@example.org,New Place,Chair,\n"
    undo(bring_in(read(alice, text)))
    assert Person.objects.for_user(alice).get() == ann
    batch = read(alice, text)
    services.choose(row(batch, 1), Choice.MERGE)
    bring_in(batch)
    assert Person.objects.for_user(alice).get().email == "ann@example.org"


def test_a_suggestion_is_left_out_until_it_is_decided(alice: User) -> None:
    ann = make_person(alice, "Ann Lee", organisation="Acme")
    batch = bring_in(read(alice, LINKEDIN + "Ann,Lee,,ann@example.org,Acme,Chair,\n"))
    assert Person.objects.for_user(alice).get() == ann
    assert (ann.email, batch.counts["left"]) == ("", 1)
    services.choose(row(batch, 1), Choice.MERGE)
    bring_in(batch)
    ann = Person.objects.for_user(alice).get()
    assert (ann.email, ann.headline) == ("ann@example.org", "Chair")


@pytest.mark.parametrize("choice", [Choice.ADD, Choice.SKIP])
def test_a_suggestion_can_be_somebody_else(alice: User, choice: str) -> None:
    make_person(alice, "Ann Lee", organisation="Acme")
    batch = read(alice, LINKEDIN + "Ann,Lee,,ann@example.org,Acme,Chair,\n")
    services.choose(row(batch, 1), choice)
    bring_in(batch)
    assert Person.objects.for_user(alice).count() == (2 if choice == Choice.ADD else 1)


def test_what_the_user_wrote_stays_unless_the_file_is_to_win(alice: User) -> None:
    priya = make_person(alice, "Dr Priya Shah", email="priya@example.org", headline="Matron", notes="Kind.")
    batch = read(alice, TWO)
    assert [(one[0], one[3]) for one in row(batch, 1).changes] == [
        ("headline", "overwrite"),
        ("organisation", "merge"),
        ("links", "merge"),
    ]
    bring_in(batch)
    priya.refresh_from_db()
    assert (priya.name, priya.headline, priya.organisation, priya.notes) == (
        "Dr Priya Shah",
        "Matron",
        "Northern Trust",
        "Kind.",
    )
    again = read(alice, TWO)
    services.set_rule(again, rule="overwrite", source="linkedin")
    bring_in(again)
    priya.refresh_from_db()
    assert (priya.name, priya.headline, priya.notes) == ("Dr Priya Shah", "Nurse", "Kind.")


def test_leave_them_as_they_are(alice: User) -> None:
    make_person(alice, "Priya", email="priya@example.org")
    batch = read(alice, TWO)
    services.set_rule(batch, rule="skip", source="other")
    before = as_stored(alice)
    bring_in(batch)
    assert as_stored(alice)[:1] == before
    assert Person.objects.for_user(alice).count() == 2


def test_two_rows_of_one_person_become_one(alice: User) -> None:
    text = LINKEDIN + (
        "Priya,Shah,,priya@example.org,Northern Trust,Nurse,\n"
        "Priya,Shah,https://linkedin.com/in/priya,PRIYA@example.org,,,\n"
        "P,S,https://linkedin.com/in/priya/,,,,\n"
    )
    batch = read(alice, text)
    assert outcomes(batch) == [Outcome.NEW, Outcome.CHANGED, Outcome.CHANGED]
    bring_in(batch)
    priya = Person.objects.for_user(alice).get()
    assert (priya.name, priya.organisation) == ("Priya Shah", "Northern Trust")
    assert [link.url for link in priya.links.all()] == ["https://linkedin.com/in/priya"]
    before = as_stored(alice)
    again = read(alice, text)
    assert set(outcomes(again)) <= {Outcome.SAME, Outcome.CHANGED}
    bring_in(again)
    assert as_stored(alice) == before


def test_one_bad_row_stops_nothing(alice: User) -> None:
    batch = read(alice, LINKEDIN + "Ann,Lee,,,Acme,Chair,,too,many\n=cmd(),x,,,,,\nTom,Ode,,,Acme,,\n")
    assert outcomes(batch) == [Outcome.UNREADABLE, Outcome.UNREADABLE, Outcome.NEW]
    assert [one.line for one in batch.rows.all()] == [2, 3, 4]
    bring_in(batch)
    assert Person.objects.for_user(alice).get().name == "Tom Ode"


def test_a_file_without_anybody_says_why(alice: User) -> None:
    batch = read(alice, "%PDF-1.7 …")
    assert batch.state == State.FAILED
    assert "page or a document" in batch.trouble


# --- Reading again ---------------------------------------------------------------------------------


LATER = TWO.replace("Northern Trust,Nurse", "Southern Trust,Matron").replace("priya@example.org", "p.shah@example.org")


def test_a_new_post_is_taken_over_and_noticed_unless_the_user_wrote_another(alice: User) -> None:
    bring_in(read(alice, TWO))
    Person.objects.filter(name="Tom Ode").update(headline="Tinkerer")
    batch = read(alice, LATER.replace("Engineer", "Manager"))
    assert [(one[0], one[1], one[2]) for one in row(batch, 1).changes] == [
        ("headline", "Nurse", "Matron"),
        ("organisation", "Northern Trust", "Southern Trust"),
        ("emails", "", ["p.shah@example.org"]),
        ("gone", "", ["priya@example.org"]),
    ]
    bring_in(batch)
    priya, tom = Person.objects.for_user(alice).order_by("name")
    assert (priya.headline, priya.organisation) == ("Matron", "Southern Trust")
    assert [one.address for one in priya.emails.all()] == ["priya@example.org", "p.shah@example.org"]
    assert tom.headline == "Tinkerer"
    assert {post.person.name for post in NewPost.objects.all()} == {"Priya Shah", "Tom Ode"}
    post = NewPost.objects.get(person=priya).post
    assert post == {
        "headline": "Matron",
        "organisation": "Southern Trust",
        "headline_before": "Nurse",
        "organisation_before": "Northern Trust",
    }


def test_the_first_file_tells_of_no_new_posts(alice: User) -> None:
    make_person(alice, "Priya", email="priya@example.org", organisation="Elsewhere")
    bring_in(read(alice, TWO))
    assert not NewPost.objects.exists()


# --- Taking it back ---------------------------------------------------------------------------------


def test_an_import_is_taken_back_whole(alice: User) -> None:
    make_person(alice, "Priya", email="priya@example.org", notes="Kind.").save()
    Tag.objects.create(owner=alice, name="mine")
    make_person(alice, "Tom").links.create(owner=alice, url="https://linkedin.com/in/tom")
    before = as_stored(alice)
    batch = bring_in(read(alice, TWO + "New,One,,,Acme,,\nNew,One,,,,Acme,\n"))
    assert as_stored(alice) != before
    undo(batch)
    assert batch.state == State.UNDONE
    assert as_stored(alice) == before
    assert not ImportedContact.objects.exists()


def test_the_second_of_two_imports_is_taken_back_and_the_first_stays(alice: User) -> None:
    bring_in(read(alice, TWO))
    before, said = as_stored(alice), list(ImportedContact.objects.order_by("pk").values_list("contact", "batch"))
    undo(bring_in(read(alice, LATER)))
    assert as_stored(alice) == before
    assert list(ImportedContact.objects.order_by("pk").values_list("contact", "batch")) == said
    assert not NewPost.objects.exists()


@pytest.mark.parametrize("edit", ["notes", "tag", "idea", "field", "address"])
def test_what_was_edited_since_is_kept_and_said(alice: User, edit: str) -> None:
    batch = bring_in(read(alice, TWO))
    priya = Person.objects.get(name="Priya Shah")
    if edit == "notes":
        priya.notes = "Met at the conference."
        priya.save()
    elif edit == "field":
        priya.sector = "health"
        priya.save()
    elif edit == "tag":
        priya.tags.add(Tag.objects.create(owner=alice, name="x"), through_defaults={"owner": alice})
    elif edit == "address":
        priya.emails.create(owner=alice, address="new@example.org")
    else:
        priya.could_help.create(owner=alice, need=make_need(alice))
    undo(batch)
    assert Person.objects.for_user(alice).get() == priya
    assert [one.result for one in batch.rows.all()] == [Result.KEPT, Result.UNDONE]
    assert batch.counts["results"] == {"kept": 1, "undone": 1}


def test_a_changed_value_that_was_edited_since_is_kept_and_the_rest_goes_back(alice: User) -> None:
    priya = make_person(alice, "Priya", email="priya@example.org")
    batch = bring_in(read(alice, TWO))
    priya.refresh_from_db()
    priya.headline = "Dean"
    priya.save()
    undo(batch)
    priya.refresh_from_db()
    assert (priya.headline, priya.organisation, priya.links.count()) == ("Dean", "", 0)
    assert row(batch, 1).result == Result.KEPT


@pytest.mark.clock("2026-06-01 09:00+00:00")
def test_after_thirty_days_it_stays_and_its_rows_are_forgotten(alice: User, clock: object) -> None:
    batch = bring_in(read(alice, TWO))
    clock.move_to("2026-07-01 09:01+00:00")  # type: ignore[attr-defined]
    with pytest.raises(TooLate):
        services.undo(batch)
    work()
    assert not ImportRow.objects.exists()
    batch.refresh_from_db()
    assert (batch.state, batch.counts["results"]) == (State.DONE, {"added": 2})
    assert Person.objects.for_user(alice).count() == 2


@pytest.mark.clock("2026-06-01 09:00+00:00")
def test_a_file_that_was_only_looked_at_is_forgotten_after_a_week(alice: User, clock: object) -> None:
    batch = read(alice, TWO)
    clock.move_to("2026-06-08 09:01+00:00")  # type: ignore[attr-defined]
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.file, StoredFile.objects.count(), ImportRow.objects.count()) == ("forgotten", None, 0, 0)
