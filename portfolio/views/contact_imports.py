"""Bringing contacts in: the file, the look beforehand, bringing in, taking back, and who of them might matter."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from typing import Any, BinaryIO, cast

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import uploads
from accounts.converters import id_in
from accounts.encryption import Undecryptable
from accounts.http import UserRequest, notify, notify_warning
from accounts.models import User
from accounts.ownership import get_owned
from accounts.stored_files import opened
from accounts.words import in_figures
from portfolio.contact_files.limits import BIGGEST_FILE
from portfolio.contact_files.reading import preview
from portfolio.contact_imports import selectors, services, shortlist, untouched
from portfolio.contact_imports.applying import KEPT
from portfolio.contact_imports.new_posts import open_posts, settle
from portfolio.contact_imports.services import TooLate
from portfolio.forms.contact_imports import ColumnsForm, ContactFileForm, ImportChoicesForm
from portfolio.forms.fields import WHAT_IT_MEANS
from portfolio.forms.needs import NeedInOneSentenceForm
from portfolio.models import Contact, ContactImport, ImportRow, Need
from portfolio.people.contacts import record_contact
from portfolio.people.deletion import delete_people

EARLIER = 20
POSTS_SHOWN = 50
PASTED = "A pasted list"
State, Result = ContactImport.State, ImportRow.Result
_RUNNING = (State.READING, State.IMPORTING, State.UNDOING)
_REFUSED = {
    "too large": f"The file is larger than {BIGGEST_FILE // 1024**2} MB. Nothing was kept. Leave photos out, or take "
    "it in several parts.",
    "cut short": "The file did not arrive whole. Nothing was kept. Please try again.",
    "no room": "There is no room for the file here just now. Nothing was kept. Please tell whoever runs this site.",
}


@uploads.takes_upload(BIGGEST_FILE)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_imports(request: UserRequest) -> HttpResponse:
    """Choose a file or paste a list; earlier imports below it."""
    form = ContactFileForm(request.POST, request.FILES) if request.method == "POST" else ContactFileForm()
    if form.is_bound and (batch := _begun(request, form)) is not None:
        return redirect(batch)
    earlier = ContactImport.objects.for_user(request.user).order_by("-created_at", "-pk")[:EARLIER]
    context = {
        "form": form,
        "earlier": earlier,
        "megabytes": BIGGEST_FILE // 1024**2,
        "has_old": untouched.any_old(request.user),
    }
    return render(request, "portfolio/people/contact_imports.html", context, status=422 if form.is_bound else 200)


def _begun(request: UserRequest, form: ContactFileForm) -> ContactImport | None:
    if refusal := uploads.refused(request):
        form.add_error("file", _REFUSED[refusal])
        return None
    if not form.is_valid():
        return None
    file, text = form.cleaned_data["file"], form.cleaned_data["text"].strip()
    if file is None and not text:
        form.add_error("file", "Choose a file, or paste a list below.")
        return None
    if dropped := uploads.dropped(request):
        notify_warning(request, f"One file at a time: {dropped} more {'was' if dropped == 1 else 'were'} left out.")
    content = cast(BinaryIO, file.file) if file is not None else io.BytesIO(text.encode())
    name = file.name if file is not None else PASTED
    return services.begin(user=request.user, content=content, name=name, with_private=form.cleaned_data["with_private"])


@require_safe
def contact_import(request: UserRequest, pk: int) -> HttpResponse:
    """Where the import stands, whatever that is."""
    batch = get_owned(ContactImport, request.user, pk=pk)
    context = _headed(batch) | {"running": batch.state in _RUNNING and bool(batch.work)}
    if batch.state == State.MAPPING:
        context["columns"] = _columns_form(batch)
    elif batch.state in (State.READY, State.STOPPED):
        shown = selectors.dry_run(batch, request.GET.get("show", ""), request.GET.get("page"))
        context |= {"shown": shown, "plan": selectors.plan(batch), "choices": ImportChoicesForm(instance=batch)}
    elif batch.state in (State.DONE, State.UNDONE):
        context |= _results(request, batch)
    context["can_be_undone"] = services.can_be_undone(batch)
    context["undo_until"] = batch.finished_at and batch.finished_at + KEPT
    return render(request, "portfolio/people/contact_import.html", context)


def _columns_form(batch: ContactImport, data: QueryDict | None = None) -> ColumnsForm | None:
    """None if the file is gone, or no key opens it."""
    try:
        return ColumnsForm(preview(opened(batch.file)), data) if batch.file else None
    except Undecryptable:
        return None


def _headed(batch: ContactImport) -> dict[str, Any]:
    title, lede = selectors.heading(batch)
    return {"batch": batch, "title": title, "lede": lede}


def _results(request: UserRequest, batch: ContactImport) -> dict[str, Any]:
    counts = dict(batch.counts.get("results", {}))
    tabs = [(value, label, counts[value]) for value, label in Result.choices if counts.get(value)]
    if batch.state == State.DONE and batch.counts.get("left"):
        tabs.append(("left", "Left out", batch.counts["left"]))
    there = [value for value, _, _ in tabs]
    wish = request.GET.get("show", "")
    tab = wish if wish in there else there[0] if there else ""
    page, rows = selectors.results(batch, "" if tab == "left" else tab, request.GET.get("page"))
    needs = Need.objects.for_user(request.user).open()
    return {
        "tabs": tabs,
        "tab": tab,
        "page": page,
        "rows": rows,
        "counts": counts,
        "came": selectors.came(counts),
        **({"has_needs": True} if needs.exists() else _asking_for_a_need(request.user)),
    }


def _asking_for_a_need(user: User, form: NeedInOneSentenceForm | None = None) -> dict[str, Any]:
    return {"need_form": form or NeedInOneSentenceForm(user), "knowing": WHAT_IT_MEANS.items()}


View = Callable[..., HttpResponse]


def _of_import(act: Callable[[UserRequest, ContactImport], HttpResponse | None]) -> View:
    """A POST to one of the user's imports; what comes too late is said, and the page shows where it stands."""

    @require_POST
    @wraps(act)
    def view(request: UserRequest, pk: int) -> HttpResponse:
        batch = get_owned(ContactImport, request.user, pk=pk)
        try:
            response = act(request, batch)
        except TooLate as late:
            notify_warning(request, str(late))
            response = None
        return response or redirect(batch)

    return view


@_of_import
def contact_import_columns(request: UserRequest, batch: ContactImport) -> HttpResponse | None:
    """What is in each column of a table that nobody knows."""
    form = _columns_form(batch, request.POST)
    if form is None:
        raise TooLate("The file is no longer here, or can’t be opened. Please choose it once more.")
    if not form.is_valid():
        context = _headed(batch) | {"columns": form}
        return render(request, "portfolio/people/contact_import.html", context, status=422)
    services.map_columns(batch, columns=form.chosen, has_header=form.cleaned_data["has_header"])
    return None


@_of_import
def contact_import_map(request: UserRequest, batch: ContactImport) -> HttpResponse | None:
    """Look at the columns again: the file was read, but not as the user means it."""
    services.ask_for_columns(batch)
    return None


@_of_import
def contact_import_choose(request: UserRequest, batch: ContactImport) -> HttpResponse | None:
    """Keep what was chosen for single rows, or for all of a tab."""
    tab = request.POST.get("tab", "")
    with transaction.atomic():
        if request.POST.get("all", "") in ImportRow.Choice.values and tab in ImportRow.Outcome.values:
            services.choose_all(batch, tab, request.POST["all"])
        else:
            _choose_rows(request, batch)
    if request.htmx:
        return render(request, "portfolio/people/_import_plan.html", {"plan": selectors.plan(batch)})
    notify(request, "Your choices are kept. Nothing is changed yet.")
    number = id_in(request.POST.get("page", "")) or 1
    return redirect(f"{batch.get_absolute_url()}?show={tab if tab in ImportRow.Outcome.values else ''}&page={number}")


def _choose_rows(request: UserRequest, batch: ContactImport) -> None:
    wished = {
        pk: choice
        for name, choice in request.POST.items()
        if name.startswith("row-") and (pk := id_in(name[4:])) and choice in ("", *ImportRow.Choice.values)
    }
    for row in batch.rows.filter(pk__in=[*wished][: selectors.A_PAGE * 2], result=""):
        if row.choice != wished[row.pk]:
            services.choose(row, str(wished[row.pk]))


@_of_import
def contact_import_start(request: UserRequest, batch: ContactImport) -> HttpResponse | None:
    _choose_rows(request, batch)
    form = ImportChoicesForm(request.POST, instance=batch)
    if form.is_valid() and batch.state in (State.READY, State.STOPPED):
        services.set_rule(batch, **form.cleaned_data)
    services.bring_in(batch)
    return None


@_of_import
def contact_import_stop(request: UserRequest, batch: ContactImport) -> HttpResponse | None:
    services.stop(batch)
    notify(request, "Stopped. What came in until now stays, until you go on or take it back.")
    return None


@_of_import
def contact_import_undo(request: UserRequest, batch: ContactImport) -> HttpResponse | None:
    services.undo(batch)
    return None


@_of_import
def contact_import_discard(request: UserRequest, batch: ContactImport) -> HttpResponse | None:
    name = batch.name
    services.discard(batch)
    notify(request, f"“{name}” is gone. Nothing of it came to your people.")
    return redirect("contact_imports")


@require_http_methods(["GET", "HEAD", "POST"])
def contacts_untouched(request: UserRequest) -> HttpResponse:
    """People who came by a file long ago, and with whom nothing was done since."""
    people = untouched.untouched(request.user)
    if request.method == "POST":
        ticked = {id_in(pk) for pk in request.POST.getlist("person")}
        done = delete_people(owner=request.user, ids=[person.pk for person in people if person.pk in ticked])
        if done.undoable:
            words = f"{in_figures(len(done.names), 'person is', 'people are')} gone from your people."
            notify(request, words, undo=reverse("people_undo", args=[done.undoable.pk]))
        else:
            notify_warning(request, "Nobody was ticked, so nothing was changed.")
        return redirect("contacts_untouched")
    context = {"people": people, "may_be_more": len(people) == untouched.MOST}
    return render(request, "portfolio/people/contacts_untouched.html", context)


@require_safe
def new_posts(request: UserRequest) -> HttpResponse:
    """Who has a new post since the file before."""
    posts = open_posts(request.user)
    context = {"posts": posts.prefetch_related("person__emails")[:POSTS_SHOWN], "count": posts.count()}
    return render(request, "portfolio/people/new_posts.html", context)


@require_POST
def new_posts_settle(request: UserRequest) -> HttpResponse:
    """The user has seen all of them, or one, or has written to one."""
    posts = open_posts(request.user)
    if "all" in request.POST:
        notify(request, f"Noted, all {settle(posts)} of them.")
        return redirect("new_posts")
    wrote = id_in(request.POST.get("wrote", ""))
    post = posts.filter(pk=wrote or id_in(request.POST.get("seen", "")) or 0).first()
    if post is not None:
        with transaction.atomic():
            if wrote:
                record_contact(person=post.person, at=timezone.now(), kind=Contact.Kind.MESSAGE)
            settle(posts.filter(pk=post.pk))
        notify(request, f"Noted: you wrote to {post.person.name}." if wrote else f"Noted: {post.person.name}.")
    return redirect("new_posts")


@require_http_methods(["GET", "HEAD", "POST"])
def contact_import_shortlist(request: UserRequest, pk: int) -> HttpResponse:
    """Who of these might matter, need by need, twenty at a time."""
    batch = get_owned(ContactImport, request.user, pk=pk)
    needs = list(Need.objects.for_user(request.user).open().order_by("-weight", "opened_on", "pk"))
    asked = id_in((request.POST if request.method == "POST" else request.GET).get("need", ""))
    need = next((one for one in needs if one.pk == asked), needs[0] if needs else None)
    after = id_in(request.GET.get("after", "")) or 0
    form = None
    if request.method == "POST":
        if need is not None:
            return _decided(request, batch, need)
        form = NeedInOneSentenceForm(request.user, request.POST)
        if form.is_valid():
            return redirect(f"{request.path}?need={form.save().pk}")
    context = {
        "batch": batch,
        "needs": needs,
        "need": need,
        "after": after,
        **({"list": shortlist.shortlist(batch, need, after=after)} if need else _asking_for_a_need(request.user, form)),
    }
    return render(request, "portfolio/people/import_shortlist.html", context, status=422 if form else 200)


def _decided(request: UserRequest, batch: ContactImport, need: Need) -> HttpResponse:
    answers = {pk: answer for name, answer in request.POST.items() if name.startswith("p-") and (pk := id_in(name[2:]))}
    yes = [pk for pk, answer in answers.items() if answer == "y"][: shortlist.AT_A_TIME]
    no = [pk for pk, answer in answers.items() if answer == "n"][: shortlist.AT_A_TIME]
    with transaction.atomic():
        noted = shortlist.decide(request.user, batch, need, yes, no)
    if noted:
        notify(request, f"Noted for “{need.words}”: {noted} {'person' if noted == 1 else 'people'}.")
    if "done" in request.POST:
        return redirect(need)
    later = len(answers) - len(yes) - len(no)
    after = (id_in(request.POST.get("after", "")) or 0) + later
    return redirect(f"{request.path}?need={need.pk}&after={after}")
