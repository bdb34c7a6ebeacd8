"""Views of the list of people, and bulk actions."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.converters import id_in
from accounts.http import UserRequest, notify, notify_warning
from accounts.ownership import get_owned
from accounts.recent_sign_in import recent_sign_in_required
from accounts.spreadsheets import download
from accounts.words import in_figures
from portfolio import spreadsheets
from portfolio.forms.people import TagForm, TagNameForm
from portfolio.models import Person, Tag, Undoable
from portfolio.people.deletion import delete_people
from portfolio.people.directory import SORTS, Filters, known_words, narrowed, people_page
from portfolio.people.relations import NONE_YET, relations
from portfolio.people.tagging import TagThere, rename_tag, tag_people, untag_people
from portfolio.people.undo import UndoneAlready, undo

NAMED = 5  # people named in a message; more are counted


@require_safe
def people(request: UserRequest) -> HttpResponse:
    """The whole page, or only the results for an htmx request while typing."""
    shown = people_page(request.user, Filters.read(request.GET), request.GET.get("page"))
    only_results = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    context = {"shown": shown, "filters": shown.filters, "page": shown.page, "rows": shown.rows}
    context["notes_encrypted"] = settings.ENCRYPT_NOTES
    if only_results:
        response = render(request, "portfolio/people/_people_results.html", context)
        response["HX-Push-Url"] = _address(shown.filters)
    else:
        response = render(request, "portfolio/people/people.html", context | _choices())
    patch_vary_headers(response, ["HX-Request"])
    return response


@recent_sign_in_required(methods=("GET", "HEAD"))
@require_safe
def people_csv(request: UserRequest) -> StreamingHttpResponse:
    """Everybody who matches the filters, by name, as a spreadsheet."""
    found = narrowed(request.user, Filters.read(request.GET)).order_by("name_key", "pk")
    return download(spreadsheets.PEOPLE, spreadsheets.people(found), request.user)


def _address(filters: Filters) -> str:
    return f"{reverse('people')}?{filters.query}" if filters.query else reverse("people")


def _choices() -> dict[str, object]:
    ways = [(relation.name, relation.label) for relation in relations()]
    return {
        "sources": Person.Source.choices,
        "ways": [*ways, (NONE_YET, "No relation yet")],
        "sorts": SORTS.items(),
    }


@require_safe
def people_suggestions(request: UserRequest) -> HttpResponse:
    """Suggestions while typing an organisation or a tag."""
    kind = "tag" if request.GET.get("kind") == "tag" else "organisation"
    return render(request, "portfolio/people/_datalist_words.html", {"words": known_words(request.user, kind)})


@require_POST
def people_bulk(request: UserRequest) -> HttpResponse:
    """Tag, untag, delete or merge the selected people, or all that match."""
    filters = Filters.read(QueryDict(request.POST.get("filters", "")[:4000]))
    ids = _chosen(request, filters)
    back = _address(filters)
    act = request.POST.get("act", "")
    if not ids:
        notify_warning(request, "Nobody was ticked, so nothing was changed.")
    elif act == "merge":
        if len(ids) == 2:
            return redirect(f"{reverse('person_merge', args=[ids[0]])}?other={ids[1]}")
        notify_warning(request, "Tick exactly two to merge them. Nothing was changed.")
    elif act == "delete":
        _delete(request, ids)
    elif act in {"tag", "untag"}:
        _tag(request, ids, off=act == "untag")
    else:
        notify_warning(request, "Choose what to do with them. Nothing was changed.")
    return redirect(back)


def _chosen(request: UserRequest, filters: Filters) -> list[int]:
    """The ids of the selected people, in the order of their names."""
    mine = Person.objects.for_user(request.user)
    if "all" in request.POST:
        mine = narrowed(request.user, filters)
    else:
        ticked = [id_in(text) for text in request.POST.getlist("person")[:1000]]
        mine = mine.filter(pk__in=[pk for pk in ticked if pk])
    return list(mine.order_by("name_key", "pk").values_list("pk", flat=True))


def _tag(request: UserRequest, ids: list[int], *, off: bool) -> None:
    form = TagForm(request.POST)
    if not form.is_valid():
        error = str(next(iter(form.errors["tag_name"])))
        notify_warning(request, f"The tag was not changed: {error[:1].lower()}{error[1:]}")
        return
    name = form.cleaned_data["tag_name"]
    number, undoable = (untag_people if off else tag_people)(owner=request.user, ids=ids, name=name)
    who = in_figures(number, "person", "people")
    if undoable is None:
        notify_warning(request, f"None of them carries “{name}”." if off else f"All of them carry “{name}” already.")
    else:
        words = f"“{name}” is off {who}." if off else f"{who} now carr{'ies' if number == 1 else 'y'} “{name}”."
        _say_undoable(request, words, undoable)


def _delete(request: UserRequest, ids: list[int]) -> None:
    done = delete_people(owner=request.user, ids=ids)
    if done.undoable:
        verb = "is" if len(done.names) == 1 else "are"
        _say_undoable(request, f"{_named(done.names)} {verb} gone from your people.", done.undoable)
    if done.kept:
        verb, them = ("is", "them") if len(done.kept) == 1 else ("are", "each of them")
        notify_warning(
            request,
            f"{_named(done.kept)} {verb} kept, because approaches, meetings, mentoring or letters with {them} are part "
            "of your story. A person’s own page says which.",
        )


def _say_undoable(request: UserRequest, words: str, undoable: Undoable) -> None:
    notify(request, words, undo=reverse("people_undo", args=[undoable.pk]))


def _named(names: Sequence[str]) -> str:
    """A few names, and the number of the others."""
    if len(names) > NAMED:
        return f"{', '.join(names[: NAMED - 2])} and {len(names) - NAMED + 2:,} others"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


@require_POST
def people_undo(request: UserRequest, pk: int) -> HttpResponse:
    undoable = get_owned(Undoable, request.user, pk=pk)
    try:
        notify(request, undo(owner=request.user, undoable=undoable))
    except UndoneAlready as error:
        messages.info(request, str(error))
    return redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
def tag_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Rename a tag for everyone who has it."""
    tag = get_owned(Tag.objects.select_related("owner"), request.user, pk=pk)
    form = TagNameForm(request.POST if request.method == "POST" else None, initial={"name": tag.name})
    if form.is_valid():
        try:
            rename_tag(tag=tag, name=form.cleaned_data["name"])
        except TagThere as error:
            form.add_error("name", str(error))
        else:
            notify(request, f"The tag is called “{tag.name}” now.")
            return redirect(f"{reverse('people')}?tag={tag.pk}")
    return render(request, "portfolio/people/tag_form.html", {"form": form, "tag_pk": pk, "name": form.initial["name"]})
