"""Views of a person's contacts, whom they know, and whom they mentioned."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import UserRequest, ask_first, notify, way_back
from accounts.ownership import get_owned
from accounts.private_notes import first_alike
from portfolio.errors import PortfolioError
from portfolio.forms.mentions import MentionedForm
from portfolio.forms.people import ContactForm, KnowsForm
from portfolio.models import Contact, Knows, Person
from portfolio.needs.ranking import in_words
from portfolio.people.contacts import forget_contacts, record_contact
from portfolio.people.mentions import Kept, keep_mentioned

ONE_PRESS = dt.timedelta(minutes=1)


@require_POST
def contact_add(request: UserRequest, pk: int) -> HttpResponse:
    """Add a contact: now by default, or on the given date (at local noon, because the time is unknown)."""
    person = get_owned(Person, request.user, pk=pk)
    form = ContactForm(request.user, request.POST)
    if not form.is_valid():
        back = way_back(request, "")
        return render(
            request, "portfolio/people/contact_form.html", {"form": form, "person": person, "back": back}, status=422
        )
    on, now = form.cleaned_data["on"], timezone.now()
    at = now
    if on and on != request.user.today():
        at = dt.datetime.combine(on, dt.time(12), tzinfo=request.user.zone).astimezone(dt.UTC)
    kind = form.cleaned_data["kind"] or Contact.Kind.OTHER
    note = form.cleaned_data["note"]
    since = at - ONE_PRESS if at == now else at
    lately = Contact.objects.filter(person=person, at__gte=since, at__lte=at)
    twice = first_alike(lately, kind=kind, note=note)
    minutes = form.cleaned_data["minutes"]
    contact = twice or record_contact(person=person, at=at, kind=kind, note=note, minutes=minutes)
    notify(request, f"Noted: you spoke with {person.name}.", undo=reverse("contact_remove", args=[contact.pk]))
    return redirect(way_back(request, person.get_absolute_url()))


@require_POST
def contact_remove(request: UserRequest, pk: int) -> HttpResponse:
    contact = get_owned(Contact.objects.select_related("person"), request.user, pk=pk)
    forget_contacts(Contact.objects.filter(pk=contact.pk))
    notify(request, "Taken back: that contact is gone.")
    return redirect(way_back(request, contact.person.get_absolute_url()))


@require_http_methods(["GET", "HEAD", "POST"])
def knows_add(request: UserRequest, pk: int) -> HttpResponse:
    person = get_owned(Person, request.user, pk=pk)
    way = request.GET.get("way", "knows")
    form = KnowsForm(request.user, person, request.POST if request.method == "POST" else None, initial={"way": way})
    if form.is_valid():
        knows = form.save()
        notify(request, f"Noted: {knows.knower.name} knows {knows.known.name}.")
        return redirect(person)
    return render(request, "portfolio/people/knows_form.html", {"form": form, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
def knows_remove(request: UserRequest, pk: int) -> HttpResponse:
    """Delete it, after confirmation."""
    knows = get_owned(Knows.objects.select_related("knower", "known"), request.user, pk=pk)
    if request.method == "POST":
        knows.delete()
        notify(request, f"Removed: {knows.knower.name} knows {knows.known.name}. Both stay among your people.")
        return redirect(knows.knower)
    return ask_first(
        request,
        title="Remove this path?",
        words=f"{knows.knower.name} knows {knows.known.name}. Both stay among your people.",
        button="Remove",
        back=knows.knower.get_absolute_url(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def person_mentioned(request: UserRequest, pk: int) -> HttpResponse:
    """Add people they mentioned in a conversation."""
    person = get_owned(Person, request.user, pk=pk)
    form = MentionedForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            kept = keep_mentioned(by=person, mentions=form.cleaned_data["names"], need=form.cleaned_data["need"])
        except PortfolioError as error:
            form.add_error("names", str(error))
        else:
            notify(request, _kept_in_words(person, kept))
            return redirect(f"{person.get_absolute_url()}#paths")
    return render(request, "portfolio/people/mentioned_form.html", {"form": form, "person": person})


def _kept_in_words(person: Person, kept: Kept) -> str:
    names = in_words([one.name for one in [*kept.new, *kept.known]])
    if not kept.known:
        return f"Noted: {person.first_name} mentioned {names}."
    already = in_words([one.name for one in kept.known])
    be = "was" if len(kept.known) == 1 else "were"
    return f"Noted: {person.first_name} mentioned {names}. {already} {be} among your people already."
