"""Mail that came in: what it noted, what asks where it belongs, and the private address it comes to."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.converters import id_in
from accounts.http import UserRequest, notify, notify_warning
from accounts.models import User
from accounts.ownership import get_owned
from mail import drops
from mail.models import IncomingMail
from outreach.errors import OutreachError
from outreach.incoming import answers, undoing
from outreach.models import ApproachEvent, Message
from portfolio.models import Contact, Person

A_PAGE = 30
State = IncomingMail.State
WHAT = {
    answers.THEY_WROTE: "They wrote to me",
    answers.I_WROTE: "I wrote to them",
    answers.IN_TOUCH: "Only that we were in touch",
}


@require_safe
def incoming_mail(request: UserRequest) -> HttpResponse:
    """What asks first; below it what was noted by itself, the latest first."""
    mails = IncomingMail.objects.for_user(request.user)
    questions = list(mails.filter(state=State.ASKS)[:A_PAGE])
    suggested = answers.suggestions(request.user, questions) if questions else {}
    asking = [{"mail": mail, "suggested": suggested[mail.pk], "what": _likely(mail)} for mail in questions]
    page = Paginator(mails.exclude(state__in=(State.ASKS, State.TWICE)), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "asking": asking,
        "page": page,
        "noted": _noted(request.user, list(page.object_list)),
        "people": answers.those_on_the_way(request.user) if asking else [],
        "choices": WHAT.items(),
        "drop": drops.current(request.user),
        "offered": drops.is_offered(),
    }
    return render(request, "outreach/incoming/incoming_mail.html", context)


def _likely(mail: IncomingMail) -> str:
    return answers.I_WROTE if mail.kind == "sent_copy" else answers.THEY_WROTE


def _noted(user: User, mails: list[IncomingMail]) -> list[dict[str, object]]:
    """Each with what it led to, and whether that can be taken back; a few queries for all."""
    events = ApproachEvent.objects.select_related("approach__person").in_bulk(
        [mail.noted["event"] for mail in mails if mail.noted.get("event")]
    )
    messages = Message.objects.select_related("person").in_bulk(
        [pk for mail in mails for name in ("letter", "message") if (pk := mail.noted.get(name))]
    )
    contacts = Contact.objects.select_related("person").in_bulk(
        [mail.noted["contact"] for mail in mails if mail.noted.get("contact")]
    )
    may_be_theirs = answers.new_addresses(user, mails)
    found: list[dict[str, object]] = []
    for mail in mails:
        event = events.get(mail.noted.get("event", 0))
        message = messages.get(mail.noted.get("letter") or mail.noted.get("message") or 0)
        contact = contacts.get(mail.noted.get("contact", 0))
        person = event.approach.person if event else message.person if message else contact.person if contact else None
        found.append(
            {
                "mail": mail,
                "person": person,
                "url": event.approach.get_absolute_url() if event else person.get_absolute_url() if person else "",
                "what": event.what if event else "",
                "may_be_theirs": may_be_theirs.get(mail.pk),
            }
        )
    return found


@require_POST
def incoming_mail_answer(request: UserRequest, pk: int) -> HttpResponse:
    mail = get_owned(IncomingMail.objects.select_related("owner"), request.user, pk=pk)
    person = Person.objects.for_user(request.user).filter(pk=id_in(request.POST.get("person", "")) or 0).first()
    try:
        if "away" in request.POST:
            answers.throw_away(mail)
            notify(request, "Thrown away.")
        elif person is None:
            notify_warning(request, "Choose whose mail this is first. Nothing was changed.")
        elif (what := request.POST.get("what", "")) not in WHAT:
            notify_warning(request, "Say what it is: whether they wrote, or you did. Nothing was changed.")
        else:
            answers.answer(mail, person=person, what=what)
            notify(request, f"Noted for {person.name}.")
    except OutreachError as error:
        notify_warning(request, str(error))
    return redirect("incoming_mail")


@require_POST
def incoming_mail_wrong(request: UserRequest, pk: int) -> HttpResponse:
    mail = get_owned(IncomingMail.objects.select_related("owner"), request.user, pk=pk)
    try:
        undoing.take_back(mail)
        notify(request, "Taken back. It is as it was before that mail.")
    except OutreachError as error:
        notify_warning(request, str(error))
    return redirect("incoming_mail")


@require_POST
def incoming_mail_address(request: UserRequest, pk: int) -> HttpResponse:
    """Yes, this is their address, too."""
    mail = get_owned(IncomingMail.objects.select_related("owner"), request.user, pk=pk)
    person = answers.keep_address(mail)
    if person is None:
        notify_warning(request, "That address is somebody’s already. Nothing was changed.")
    else:
        notify(request, f"{mail.sender} is {person.first_name}’s, too.")
    return redirect("incoming_mail")


@require_http_methods(["GET", "HEAD", "POST"])
def drop_address(request: UserRequest) -> HttpResponse:
    """The user's private address: make, renew, end, and whether links put it into Bcc."""
    if not drops.is_offered():
        raise Http404
    drop = drops.current(request.user)
    if request.method != "POST":
        shown = drops.address(drop) if drop else ""
        return render(request, "outreach/incoming/drop_address.html", {"drop": drop, "address": shown})
    act = request.POST.get("act", "")
    if act == "make":
        drops.renew(request.user)
        notify(request, "Your address was renewed; the old one takes no mail any more." if drop else "It is yours now.")
    elif act == "end" and drop:
        drops.end(request.user)
        notify(request, "Your private address takes no mail any more. What was noted stays.")
    elif act == "bcc" and drop:
        drop.in_bcc = "in_bcc" in request.POST
        drop.save(update_fields=["in_bcc"])
        notify(request, "Saved.")
    return redirect(reverse("drop_address"))
