"""Views of messages: write and preview drafts, and mark them as sent."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.http import UserRequest, ask_first, notify, notify_warning
from accounts.ownership import get_owned
from outreach.drafts import conflicts, daily_volume, eml, highlights, merge_fields, own_mailbox
from outreach.drafts import services as drafts
from outreach.drafts.starters import Starter, starters_for
from outreach.errors import OutreachError
from outreach.follow_ups import send_later
from outreach.forms.introductions import ChooseForm
from outreach.forms.messages import DraftForm, SentForm, WhenForm, version
from outreach.models import Approach, Channel, Introduction, Message, MessageTemplate, Purpose
from portfolio.models import Mentorship
from reminders.localtime import instant

LOOK_AGAIN = 2  # seconds, while a letter is on its way
# A message belongs to one of these.
HOMES = ("approach", "mentorship", "introduction__target", "introduction__introducer")


def _message(request: UserRequest, pk: int) -> Message:
    rows = Message.objects.select_related("person", "owner", *HOMES).prefetch_related("person__emails", "person__links")
    return get_owned(own_mailbox.with_how_to_send(drafts.with_copy_address(rows)), request.user, pk=pk)


def _home(message: Message) -> Approach | Mentorship | Introduction | None:
    return message.approach or message.mentorship or message.introduction


def _draft(request: UserRequest, pk: int) -> Message:
    message = _message(request, pk)
    if message.state == Message.State.RECEIVED:
        raise Http404
    return message


def _templates(request: UserRequest, purpose: str, *, introduction: bool) -> list[MessageTemplate | Starter]:
    """The user's own templates for this purpose, then the starters."""
    own = MessageTemplate.objects.for_user(request.user).filter(purpose=purpose, archived_at__isnull=True)
    return [*own, *starters_for(purpose, introduction=introduction)]


@require_http_methods(["GET", "HEAD", "POST"])
def message_new(request: UserRequest) -> HttpResponse:
    """Choose a template (GET), or start the draft (POST); the default is the first template."""
    data = request.POST if request.method == "POST" else request.GET
    form = ChooseForm(request.user, data)
    if not form.is_valid():
        raise Http404
    wish = form.cleaned_data
    choice = _templates(request, wish["purpose"], introduction=bool(wish["introduction"]))
    home_name = next(name for name in ("approach", "mentorship", "introduction") if wish[name])
    home = wish[home_name]
    if request.method != "POST":
        context = {
            "choice": choice,
            "home": home,
            "purpose": Purpose(wish["purpose"]),
            "home_name": home_name,
            "others": form.other_purposes(),
        }
        return render(request, "outreach/drafts/message_new.html", context)
    if _is_gone(choice, wish["template"]):
        notify_warning(
            request, "That template was deleted or put away meanwhile, so nothing was begun. Choose another one."
        )
        return redirect(f"{reverse('message_new')}?{home_name}={home.pk}&purpose={wish['purpose']}")
    message = drafts.start_draft(
        purpose=Purpose(wish["purpose"]),
        template=_chosen(choice, wish["template"]),
        approach=wish["approach"],
        mentorship=wish["mentorship"],
        introduction=wish["introduction"],
    )
    return redirect(message)


def _is_gone(choice: list[MessageTemplate | Starter], key: str) -> bool:
    """Whether it is the id of a template of the user's own that is no longer offered."""
    number = key.isascii() and key.isdecimal() and len(key) < 19
    return number and key not in {str(one.pk) for one in choice if isinstance(one, MessageTemplate)}


def _chosen(choice: list[MessageTemplate | Starter], key: str) -> MessageTemplate | Starter | None:
    if key == "blank":
        return None
    for template in choice:
        if key == (template.key if isinstance(template, Starter) else str(template.pk)):
            return template
    if key:
        raise Http404
    return choice[0]


@require_http_methods(["GET", "HEAD", "POST"])
def message(request: UserRequest, pk: int) -> HttpResponse:
    """The draft with its preview; sent or received messages are read-only."""
    if request.method == "POST":
        return _save(request, pk)
    found = _message(request, pk)
    if found.state == Message.State.SENDING:
        uncertain = own_mailbox.is_uncertain(found)
        context = {"message_row": found, "uncertain": uncertain, "look_again": LOOK_AGAIN}
        return render(request, "outreach/drafts/message_sending.html", context)
    if found.state != Message.State.DRAFT:
        return render(
            request,
            "outreach/drafts/message_sent.html",
            {"message_row": found, "conflicts": conflicts.entries_for_page(found)},
        )
    return _page(request, found, DraftForm(instance=found))


@transaction.atomic
def _save(request: UserRequest, pk: int) -> HttpResponse:
    """Save the draft. Text that another tab saved meanwhile is kept as well, and the page says so."""
    rows = Message.objects.select_for_update(of=("self",)).select_related("person", "owner", *HOMES)
    found = get_owned(rows, request.user, pk=pk)
    if found.state != Message.State.DRAFT:
        return _typed_after_sending(request, found)
    form = DraftForm(request.POST, instance=found)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    form.save()
    if request.htmx:
        return trigger_client_event(_page(request, found, form), "draft-saved", {"version": version(found)})
    if form.kept_both:
        notify_warning(
            request, "This was saved elsewhere meanwhile. Both are kept: yours in the form, the other below it."
        )
    return redirect(reverse("message", args=[found.pk]) + _also(request, found))


def _typed_after_sending(request: UserRequest, found: Message) -> HttpResponse:
    """Keep the text of this tab beside the message, because another tab has marked it as sent."""
    typed = Message.objects.get(pk=found.pk)
    form = DraftForm(request.POST, instance=typed)
    if found.state == Message.State.SENT and form.is_valid():
        conflicts.keep_after_sending(found, words=conflicts.words_of(typed), instead_of=form.cleaned_data["version"])
        notify_warning(
            request, "This is marked as sent, so it stays as it went. The words you typed since are kept below it."
        )
    else:
        notify_warning(request, "This was sent already, so it can’t be changed. Your new words were not saved.")
    return HttpResponseClientRedirect(found.get_absolute_url()) if request.htmx else redirect(found)


def _also(request: UserRequest, found: Message) -> str:
    """What the clicked button does besides saving; returns the fragment of the page to continue at."""
    if "put_away" in request.POST:
        drafts.put_away(message=found, key=request.POST["put_away"])
        return "#coach"
    if "take" in request.POST:
        if conflicts.restore(found, request.POST["take"]):
            found.updated_at = timezone.now()
            found.save(update_fields=["channel", "subject", "body", "field_values", "conflicts", "updated_at"])
            notify(request, "Taken. What stood in the form is kept beside it now.")
        return "#draft"
    if "let_go" in request.POST:
        if conflicts.discard(found, request.POST["let_go"]):
            found.save(update_fields=["conflicts"])
            notify(request, "Let go. What stands in the form is as it was.")
        return "#draft"
    return "#preview"


def _page(request: UserRequest, found: Message, form: DraftForm, *, status: int = 200) -> HttpResponse:
    """The page, or for an htmx request the preview and the parts that depend on it."""
    final = drafts.ready(found)
    advice = drafts.advice_on(found, final)
    shown, marks_of = highlights.highlighted(final, advice)
    context = {
        "form": form,
        "message_row": found,
        "ready": shown,
        "advice": advice,
        "marked": marks_of,
        "linkedin": eml.linkedin_page(found),
        "fields": merge_fields.FIELDS.values(),
        "when": WhenForm(initial={"on": request.user.today(), "at": "16:00"}),
        "sent": SentForm(request.user),
        "sends_from": own_mailbox.sends_from(found),
        "not_sent": own_mailbox.trouble_of(found),
        "reminds": found.send_at and found.send_at > timezone.now(),
        "conflicts": conflicts.entries_for_page(found),
        "pace": daily_volume.word_before(found),
        "version": version(found),
        "unsaved": status != 200,
    }
    if request.htmx:
        # Status 200, because htmx does not show error responses; the preview says that the text is not saved.
        return render(request, "outreach/drafts/_preview.html", context)
    return render(request, "outreach/drafts/message.html", context, status=status)


@require_safe
def message_file(request: UserRequest, pk: int) -> HttpResponse:
    """The message as a file for a mail program; redirects to the draft if something still blocks sending."""
    found = _draft(request, pk)
    final = drafts.ready(found)
    if not final.complete or not final.recipient:
        return redirect(found)
    response = HttpResponse(eml.as_file(found, final), content_type="message/rfc822")
    response["Content-Disposition"] = 'attachment; filename="letter.eml"'
    return response


@require_POST
def message_send(request: UserRequest, pk: int) -> HttpResponse:
    """Hand the letter over to the user's own mailbox."""
    found = _draft(request, pk)
    try:
        own_mailbox.hand_over(message=found, seen=request.POST.get("version", ""))
    except OutreachError as error:
        notify_warning(request, str(error))
    return redirect(found)


@require_POST
def message_stop(request: UserRequest, pk: int) -> HttpResponse:
    """Stop a letter that was handed over, before it goes."""
    found = _draft(request, pk)
    try:
        own_mailbox.take_back(found)
        notify(request, "Stopped. It is a draft again.")
    except OutreachError as error:
        notify_warning(request, str(error))
    return redirect(found)


@require_POST
def message_went(request: UserRequest, pk: int) -> HttpResponse:
    """The user says whether a letter went of which nobody knew."""
    found = _draft(request, pk)
    it_went = request.POST.get("went") == "yes"
    try:
        own_mailbox.decide(found, it_went=it_went)
        notify(request, f"Noted as sent to {found.person.name}." if it_went else "It is a draft again.")
    except OutreachError as error:
        notify_warning(request, str(error))
    return redirect(found)


@require_POST
def message_sent(request: UserRequest, pk: int) -> HttpResponse:
    """Mark a message as sent."""
    found = _draft(request, pk)
    form = SentForm(request.user, request.POST)
    if not form.is_valid():
        notify_warning(
            request, "It is not noted yet: " + " ".join(str(e) for errors in form.errors.values() for e in errors)
        )
        return redirect(found)
    try:
        event = drafts.record_sent(message=found, at=form.cleaned_data["moment"], seen=form.cleaned_data["version"])
    except OutreachError as error:
        notify_warning(request, str(error))
        return redirect(found)
    if event is None:
        notify(request, f"{_noted(found)}.", undo=reverse("message_unsend", args=[found.pk]))
        return redirect(_home(found) or found)
    found.refresh_from_db(fields=["at"])
    undo = reverse("approach_undo", args=[event.approach_id, event.pk])
    notify(request, f"{_noted(found)}. {daily_volume.word_after(found)}".strip(), undo=undo)
    return redirect(event.approach)


def _noted(message: Message) -> str:
    if message.channel == Channel.PHONE:
        return f"Noted: you rang {message.person.name}"
    if message.channel == Channel.IN_PERSON:
        return f"Noted: you spoke with {message.person.name}"
    return f"Noted as sent to {message.person.name}"


@require_POST
def message_unsend(request: UserRequest, pk: int) -> HttpResponse:
    found = _draft(request, pk)
    try:
        drafts.unsend(message=found)
    except OutreachError as error:
        notify_warning(request, str(error))
    else:
        notify(request, "It’s a draft again.")
    return redirect(found)


@require_POST
def message_remind(request: UserRequest, pk: int) -> HttpResponse:
    """Remind the user to send this at a time they choose."""
    found = _draft(request, pk)
    form = WhenForm(request.POST)
    if not form.is_valid() or found.state != Message.State.DRAFT:
        notify_warning(request, "Choose a day and a time, such as 24 November at 16:00. Your draft is kept.")
        return redirect(found)
    at = instant(form.cleaned_data["on"], form.cleaned_data["at"], request.user.zone)
    if at < timezone.now():
        notify_warning(request, "That moment has passed. Choose a later one; your draft is kept.")
        return redirect(found)
    send_later.remind_to_send(message=found, at=at)
    notify(request, f"We’ll remind you on {request.user.local(at):%A %-d %B at %H:%M}.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def message_delete(request: UserRequest, pk: int) -> HttpResponse:
    found = _draft(request, pk)
    if found.state != Message.State.DRAFT:
        notify_warning(request, "This message is marked as sent, so it stays. Nothing was changed.")
        return redirect(found)
    home = _home(found)
    if request.method == "POST":
        try:
            drafts.throw_away(message=found)
        except OutreachError as error:
            notify_warning(request, str(error))
            return redirect(found)
        notify(request, "The draft is gone.")
        return redirect(home or "outreach")
    return ask_first(
        request,
        title="Throw this draft away?",
        words=f"Your words to {found.person.name} will be gone for good.",
        button="Throw it away",
        back=found.get_absolute_url(),
        danger=True,
    )
