"""Views of reflections: the questions, an answer with what it led to, and a comparison of answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.converters import id_in
from accounts.http import UserRequest, ask_first, notify, notify_warning
from accounts.ownership import get_owned
from portfolio.forms.reflection_rhythm import RhythmForm
from portfolio.forms.reflections import ReflectionForm
from portfolio.looking_back import questions, reflections
from portfolio.looking_back.reviews import course_of
from portfolio.looking_back.rhythm import NEVER, choose_rhythm, rhythm_of
from portfolio.models import Reflection

Question = Reflection.Question


@require_safe
def reflect(request: UserRequest) -> HttpResponse:
    eight, own = reflections.asked(request.user)
    offered = questions.longest_unanswered({here.question: here.on for here in eight if here.on})
    rhythm = rhythm_of(request.user)
    context = {
        "rhythm": rhythm,
        "rhythm_form": RhythmForm(initial={"months": rhythm.months if rhythm else NEVER}),
        "eight": eight,
        "own": own,
        "offered": next(here for here in eight if here.question == offered),
        "course": course_of(request.user),
    }
    return render(request, "portfolio/looking_back/reflect.html", context)


@require_POST
def reflect_rhythm(request: UserRequest) -> HttpResponse:
    form = RhythmForm(request.POST)
    if not form.is_valid():
        notify_warning(request, "Nothing was changed. Choose one of the four.")
    elif rhythm := choose_rhythm(owner=request.user, months=form.cleaned_data["months"]):
        notify(request, f"You are asked to reflect around {rhythm.next_on:%-d %B %Y}.")
    else:
        notify(request, "You are not asked to reflect. Come back whenever you like.")
    return redirect("reflect")


@require_safe
def reflection(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Reflection, request.user, pk=pk)
    links = list(row.links.select_related("person", "need", "place"))
    asks_comfort = row.question == Question.COMFORT
    prefers = questions.prefers_introductions(row.comfort)
    context = {
        "reflection": row,
        "comfort": questions.COMFORT_WORDS.get(row.comfort or 0, ""),
        "answers": reflections.side_by_side(row),
        "comfort_words": questions.COMFORT_WORDS,
        "people": [link.person for link in links if link.person],
        "needs": [link.need for link in links if link.need],
        "places": [link.place for link in links if link.place],
        "trend": reflections.comfort_over_time(request.user) if asks_comfort else None,
        "introductions_first": prefers,
        "paths": reflections.paths_to_somebody(request.user) if prefers else [],
        "look_at_places": row.question == Question.NEW_NETWORKS,
    }
    return render(request, "portfolio/looking_back/reflection.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reflection_new(request: UserRequest) -> HttpResponse:
    """``?question=`` is one of the eight; without it, the user's own; ``?again=`` repeats that of an earlier answer."""
    given = request.POST if request.method == "POST" else None
    wish = request.POST.get("question", "") or request.GET.get("question", "")
    question = wish if wish in questions.EIGHT else Question.OWN
    before = _answered_before(request) if question == Question.OWN else None
    initial = {"own_question": before.own_question} if before else {}
    form = ReflectionForm(request.user, question, given, initial=initial)
    if form.is_valid():
        return _kept(request, form)
    return _form_page(request, form, before=before)


def _answered_before(request: UserRequest) -> Reflection | None:
    pk = id_in(request.GET.get("again", ""))
    own = Reflection.objects.for_user(request.user).filter(question=Question.OWN)
    return own.filter(pk=pk).first() if pk else None


@require_http_methods(["GET", "HEAD", "POST"])
def reflection_edit(request: UserRequest, pk: int) -> HttpResponse:
    row = get_owned(Reflection, request.user, pk=pk)
    form = ReflectionForm(request.user, row.question, request.POST if request.method == "POST" else None, instance=row)
    if form.is_valid():
        return _kept(request, form)
    return _form_page(request, form, reflection=Reflection.objects.get(pk=row.pk) if form.is_bound else row)


def _kept(request: UserRequest, form: ReflectionForm) -> HttpResponse:
    row = form.keep()
    notify(request, "Kept. Only you can see it.")
    return redirect(row)


def _form_page(request: UserRequest, form: ReflectionForm, **context: Any) -> HttpResponse:
    context |= {"form": form, "question": form.question, "guide": questions.GUIDES[form.question]}
    context["title"] = context["before"].own_question if context.get("before") else Question(form.question).label
    return render(request, "portfolio/looking_back/reflection_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reflection_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete it, after confirmation."""
    row = get_owned(Reflection, request.user, pk=pk)
    if request.method == "POST":
        row.delete()
        notify(request, "That answer is gone. What it led to stays.")
        return redirect("reflect")
    return ask_first(
        request,
        title="Delete this answer?",
        words=f"Your answer of {row.on:%-d %B %Y} goes. The people, needs and places it led to stay where they are.",
        button="Delete",
        back=row.get_absolute_url(),
        danger=True,
    )
