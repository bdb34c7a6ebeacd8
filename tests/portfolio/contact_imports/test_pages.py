"""The pages of bringing contacts in, as a browser asks for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import jobs
from accounts.jobs import JobFailed
from accounts.models import StoredFile, User
from portfolio.contact_imports import applying, services
from portfolio.contact_imports import work as steps
from portfolio.models import Contact, ContactImport, CouldHelp, ImportRow, Need, NewPost, Person
from portfolio.views import contact_imports as views
from reminders.models import Reminder
from tests.factories import make_import, make_need, make_person
from tests.portfolio.contact_imports.importing import LINKEDIN, row, work

pytestmark = pytest.mark.django_db

State = ContactImport.State
ANN = LINKEDIN + "Ann,Lee,,ann@example.org,Acme,Chair of funders,15 Jun 2026\n"


def send(client: Client, content: str | bytes, **more: Any) -> HttpResponse:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("Connections.csv", data)
    return client.post(reverse("contact_imports"), {"file": file, **more}, follow=True)  # type: ignore[return-value]


def act(client: Client, batch: ContactImport, what: str, **data: Any) -> str:
    response = client.post(reverse(f"contact_import_{what}", args=[batch.pk]), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def page(client: Client, batch: ContactImport, query: str = "") -> str:
    response = client.get(f"{batch.get_absolute_url()}{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_from_a_file_to_ones_people_and_back(alice: User, alice_client: Client) -> None:
    assert "Reading the file" in send(alice_client, ANN).content.decode()
    batch = ContactImport.objects.get(owner=alice)
    work()
    shown = page(alice_client, batch)
    assert "Your connections on LinkedIn. Nothing is changed yet." in shown
    assert "<strong>1 new person</strong>" in shown
    act(alice_client, batch, "start", rule="merge", source="body")
    assert "Bringing them in" in page(alice_client, batch)
    work()
    assert "1 new person" in page(alice_client, batch)
    assert Person.objects.get(owner=alice).source == "body"
    act(alice_client, batch, "undo")
    work()
    assert "It was taken back." in page(alice_client, batch)
    assert not Person.objects.filter(owner=alice).exists()


def test_a_pasted_list(alice: User, alice_client: Client) -> None:
    alice_client.post(reverse("contact_imports"), {"text": "Ann Lee <ann@example.org>\nTom Ode, Acme"})
    batch = ContactImport.objects.get(owner=alice)
    work()
    batch.refresh_from_db()
    assert (batch.kind, batch.counts) == ("text", {"new": 2})


def test_nothing_chosen(alice_client: Client) -> None:
    response = alice_client.post(reverse("contact_imports"), {"text": " "})
    assert response.status_code == 422
    assert "Choose a file, or paste a list" in response.content.decode()


def test_a_file_that_is_too_large(alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views.contact_imports, "takes_upload", 1000)
    response = send(alice_client, b"x" * 1001, text="Tom Ode")
    assert response.status_code == 422
    assert "larger than 100 MB. Nothing was kept." in response.content.decode()
    assert "Tom Ode" in response.content.decode()  # what was typed is still there
    assert not ContactImport.objects.exists()


def test_a_table_with_unknown_columns_is_asked_about(alice: User, alice_client: Client) -> None:
    shown = send(alice_client, "Wer;Wo;Kontakt\nAnn Lee;Acme;ann@example.org\n").content.decode()
    assert "What is in each column?" in shown
    batch = ContactImport.objects.get(owner=alice)
    url = reverse("contact_import_columns", args=[batch.pk])
    refused = alice_client.post(url, {"has_header": "on", "column1": "notes"})
    assert refused.status_code == 422
    assert "Say which column holds the names" in refused.content.decode()
    act(alice_client, batch, "columns", has_header="on", column0="name", column1="organisation", column2="email")
    work()
    assert row(batch, 1).contact == {"name": "Ann Lee", "organisation": "Acme", "emails": ["ann@example.org"]}


def test_columns_that_were_read_wrongly_can_be_put_right(alice: User, alice_client: Client) -> None:
    batch = make_import(alice, "Name,Company\nAcme,Ann Lee\n")
    assert "What is in each column?" in act(alice_client, batch, "map")
    act(alice_client, batch, "columns", has_header="on", column0="organisation", column1="name")
    work()
    batch.refresh_from_db()
    assert batch.state == State.READY
    assert row(batch, 1).contact["name"] == "Ann Lee"


def test_birthdays_come_only_if_they_are_asked_for(alice: User, alice_client: Client) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nBDAY:1970-05-03\nADR:;;1 High Street;Leeds;;LS1 1AA;\nEND:VCARD\n"
    for asked in ({}, {"with_private": "on"}):
        send(alice_client, card, **asked)
    work()
    without, with_them = (one.contact.get("notes", "") for one in ImportRow.objects.order_by("pk"))
    assert without == ""
    assert "Birthday: " in with_them
    assert "Address: 1 High Street, Leeds" in with_them


def test_choices_of_single_rows_and_of_all(alice: User, alice_client: Client) -> None:
    batch = make_import(alice, ANN + "Tom,Ode,,,Acme,,\nEve,Fox,,,Acme,,\n")
    act(alice_client, batch, "choose", tab="new", **{f"row-{row(batch, 2).pk}": "skip"})
    assert "<strong>2 new people</strong>" in page(alice_client, batch)
    act(alice_client, batch, "choose", tab="new", all="skip")
    assert "Nothing of this file would change anything" in page(alice_client, batch)
    htmx = alice_client.post(
        reverse("contact_import_choose", args=[batch.pk]),
        {"tab": "new", f"row-{row(batch, 3).pk}": ""},
        headers={"hx-request": "true"},
    )
    assert "<strong>1 new person</strong>" in htmx.content.decode()


def test_choices_that_there_are_not_change_nothing(alice: User, charlie: User, alice_client: Client) -> None:
    batch, theirs = make_import(alice, ANN), make_import(charlie, ANN)
    data = {f"row-{row(theirs, 1).pk}": "skip", f"row-{row(batch, 1).pk}": "sell", "row-x": "skip", "all": "sell"}
    act(alice_client, batch, "choose", tab="everything", **data)
    assert {one.choice for one in ImportRow.objects.all()} == {""}


def test_stopping_on_the_way_and_going_on(alice: User, alice_client: Client) -> None:
    batch = make_import(alice, ANN)
    services.bring_in(batch)
    assert "Stopped on the way" in act(alice_client, batch, "stop")
    work()
    assert not Person.objects.filter(owner=alice).exists()
    act(alice_client, batch, "start", rule="merge", source="linkedin")
    work()
    assert Person.objects.get(owner=alice).name == "Ann Lee"
    assert "It had finished already" in act(alice_client, batch, "stop")


def test_what_stopped_by_itself_can_be_gone_on_with_or_taken_back(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(batch: ContactImport) -> None:
        raise JobFailed("There is no room at the moment.")

    batch = make_import(alice, ANN + "Tom,Ode,,,Acme,,\n")
    monkeypatch.setattr(applying, "A_STEP", 1)
    services.bring_in(batch)
    stop = iter([False, True])
    jobs.run(stop=lambda: next(stop, True))
    with monkeypatch.context() as patch:
        patch.setitem(steps.__dict__["_STEPS"], "apply", breaks)
        work()
        shown = page(alice_client, batch)
        assert "There is no room at the moment." in shown
        assert "Stopped on the way" in shown
    assert Person.objects.filter(owner=alice).count() == 1
    act(alice_client, batch, "start", rule="merge", source="linkedin")
    work()
    assert Person.objects.filter(owner=alice).count() == 2
    act(alice_client, batch, "undo")
    work()
    assert not Person.objects.filter(owner=alice).exists()


def test_a_file_that_could_not_be_read_for_a_reason_of_ours_can_be_dropped(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(batch: ContactImport) -> None:
        raise JobFailed("It can’t be opened any more.")

    send(alice_client, ANN)
    batch = ContactImport.objects.get(owner=alice)
    with monkeypatch.context() as patch:
        patch.setitem(steps.__dict__["_STEPS"], "read", breaks)
        work()
    shown = page(alice_client, batch)
    assert "This could not be read. Nothing was changed." in shown
    assert "It can’t be opened any more." in shown
    batch.refresh_from_db()
    assert batch.work == "forget"  # so that the file is deleted some day, in any case
    act(alice_client, batch, "discard")
    assert not StoredFile.objects.exists()


def test_who_was_left_out_is_chosen_and_brought_in_by_one_press(alice: User, alice_client: Client) -> None:
    ann = make_person(alice, "Ann Lee", organisation="Acme")
    batch = make_import(alice, ANN, bring_in=True)
    assert "Bring in what was chosen" in page(alice_client, batch, "?show=left")
    act(alice_client, batch, "start", **{f"row-{row(batch, 1).pk}": "merge"})
    work()
    assert [email.address for email in ann.emails.all()] == ["ann@example.org"]


def test_dropping_a_file_that_was_looked_at(alice: User, alice_client: Client) -> None:
    batch = make_import(alice, ANN)
    assert "is gone. Nothing of it came" in act(alice_client, batch, "discard")
    assert not ContactImport.objects.exists()
    assert not StoredFile.objects.exists()
    done = make_import(alice, ANN, bring_in=True)
    assert "It can be taken back instead" in act(alice_client, done, "discard")


def test_an_unreadable_file(alice: User, alice_client: Client) -> None:
    send(alice_client, b"%PDF-1.7\n" + b"\x01" * 300)
    work()
    shown = page(alice_client, ContactImport.objects.get(owner=alice))
    assert "This could not be read. Nothing was changed." in shown


# --- Who of these might matter? -----------------------------------------------------------------------


def test_names_that_touch_a_need_come_first_and_end_in_a_shortlist(alice: User, alice_client: Client) -> None:
    need = make_need(alice, "be known to funders")
    batch = make_import(
        alice, LINKEDIN + "Ann,Abe,,,,Baker,\nZoe,Zed,,,,Chair of funders,\nOld,Hat,,,,Miller,\n", bring_in=True
    )
    url = reverse("contact_import_shortlist", args=[batch.pk])
    shown = alice_client.get(url).content.decode()
    assert shown.index("Zoe Zed") < shown.index("Ann Abe")
    assert "Their headline mentions “funders”" in shown
    zoe, ann = Person.objects.get(name="Zoe Zed"), Person.objects.get(name="Ann Abe")
    outsider = make_person(alice, "Not In The File")
    answers = {f"p-{zoe.pk}": "y", f"p-{ann.pk}": "n", f"p-{outsider.pk}": "y", "need": need.pk, "after": 0}
    shown = alice_client.post(url, answers, follow=True).content.decode()
    assert "Noted for “be known to funders”: 1 person." in shown
    assert [(idea.person, idea.state) for idea in CouldHelp.objects.order_by("state")] == [
        (ann, "dismissed"),
        (zoe, "thought_of"),
    ]
    assert "Old Hat" in shown
    assert "Zoe Zed" not in shown


def test_later_passes_over_and_comes_round_again(alice: User, alice_client: Client) -> None:
    make_need(alice)
    text = LINKEDIN + "".join(f"Ann,No{number:02},,,,Baker,\n" for number in range(25))
    batch = make_import(alice, text, bring_in=True)
    url = reverse("contact_import_shortlist", args=[batch.pk])
    first = alice_client.get(url).context["list"]
    assert (len(first.names), first.left) == (20, 25)
    answers = {f"p-{one.pk}": "" for one in first.names} | {f"p-{first.names[0].pk}": "n"}
    second = alice_client.post(url, {**answers, "after": 0}, follow=True).context["list"]
    assert [one.name for one in second.names] == [f"Ann No{number:02}" for number in range(20, 25)]
    assert second.left == 24


def test_without_a_need_one_sentence_and_one_press_lead_to_the_names(alice: User, alice_client: Client) -> None:
    batch = make_import(alice, LINKEDIN + "Zoe,Zed,,,,Chair of funders,\n", bring_in=True)
    url = reverse("contact_import_shortlist", args=[batch.pk])
    for page in (batch.get_absolute_url(), url):
        assert f'action="{url}"' in alice_client.get(page).content.decode()
    response = alice_client.post(url, {"words": "be known to  funders", "competency": "whom"}, follow=True)
    need = Need.objects.get()
    assert (need.owner, need.competency, need.words) == (alice, "whom", "be known to funders")
    assert "Their headline mentions “funders”" in response.content.decode()
    assert "import-knowing" not in alice_client.get(batch.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"words": "be known to funders", "competency": ""}, "Press one of the three"),  # Enter in the field
        ({"words": "be known to funders", "competency": "when"}, "Select a valid choice"),
        ({"words": " ", "competency": "whom"}, "This field is required"),
    ],
)
def test_half_a_need_keeps_what_was_typed(alice: User, alice_client: Client, sent: dict[str, str], said: str) -> None:
    batch = make_import(alice, ANN, bring_in=True)
    response = alice_client.post(reverse("contact_import_shortlist", args=[batch.pk]), sent)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert f'value="{sent["words"].strip()}"' in response.content.decode() or not sent["words"].strip()
    assert not Need.objects.exists()


# --- New posts ----------------------------------------------------------------------------------------


def test_new_posts_are_listed_and_seen_to(alice: User, alice_client: Client) -> None:
    for title in ("Clerk", "Chair"):
        make_import(
            alice,
            f"{LINKEDIN}Ann,Lee,,ann@example.org,Acme,{title},\nTom,Ode,,t@example.org,,{title},\n",
            bring_in=True,
        )
    shown = alice_client.get(reverse("new_posts")).content.decode()
    assert "<strong>Chair, Acme</strong>" in shown
    ann = NewPost.objects.get(person__name="Ann Lee")
    alice_client.post(reverse("new_posts_settle"), {"wrote": ann.pk})
    assert Contact.objects.get().person == ann.person
    assert alice_client.get(reverse("new_posts")).context["count"] == 1
    alice_client.post(reverse("new_posts_settle"), {"all": "1"})
    assert "Nobody just now" in alice_client.get(reverse("new_posts")).content.decode()


def test_who_wants_no_news_of_posts_gets_none(alice: User, alice_client: Client) -> None:
    make_import(alice, ANN, bring_in=True)
    batch = make_import(alice, ANN.replace("Chair", "Head"))
    act(alice_client, batch, "start", rule="merge", source="linkedin")  # without tells_posts
    work()
    assert not Reminder.objects.planned().filter(owner=alice, kind="new_posts").exists()


def test_the_look_takes_as_few_queries_for_a_full_page_as_for_a_row(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    people = "".join(f"Ann,No{n},,no{n}@example.org,Acme,Clerk,\n" for n in range(120))
    make_import(alice, LINKEDIN + people, bring_in=True)
    other = people.replace("Clerk", "Chair of the board").replace("Acme", "A longer name of a place to work at")
    batch = make_import(alice, LINKEDIN + other)
    with django_assert_max_num_queries(9):
        shown = page(alice_client, batch, "?show=changed&page=2")
    assert shown.count('class="import-choice"') == 25
    assert len(shown.encode()) <= 40_000


@pytest.mark.clock("2026-06-01 09:00+00:00")
def test_people_who_came_long_ago_and_were_never_touched_are_offered_for_deletion(
    alice: User, alice_client: Client, clock: Any
) -> None:
    names = ("Ann", "Bea", "Cy", "Dot", "Eve")
    rows = "".join(f"{name},Lee,,{name.lower()}@example.org,Acme,Chair,\n" for name in names)
    make_import(alice, LINKEDIN + rows, bring_in=True)
    make_person(alice, "Typed By Hand")
    ann, bea, cy, dot, eve = Person.objects.for_user(alice).filter(name__endswith=" Lee").order_by("name")
    CouldHelp.objects.create(owner=alice, person=ann, need=make_need(alice))
    Contact.objects.create(owner=alice, person=bea)
    cy.notes = "Met in Leeds."
    cy.save()
    url = reverse("contacts_untouched")
    assert "Everybody who came by a file is either new" in alice_client.get(url).content.decode()
    clock.shift(366 * 24 * 3600)
    alice_client.force_login(alice)
    assert "more than a year ago" in alice_client.get(reverse("contact_imports")).content.decode()
    assert [person.name for person in alice_client.get(url).context["people"]] == ["Dot Lee", "Eve Lee"]
    shown = alice_client.post(url, {"person": [dot.pk, ann.pk]}, follow=True).content.decode()
    assert "1 person is gone from your people." in shown
    assert set(Person.objects.for_user(alice).filter(name__endswith=" Lee")) == {ann, bea, cy, eve}
