"""Finds all pages by following links, one page for each kind of URL."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

PUBLIC = [
    "/",
    "/account/login/",
    "/account/login/code/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/done/",
    "/account/password/reset/key/1-nonsense/",
    "/account/confirm-email/",
    "/account/confirm-email/nonsense/",
    "/account/inactive/",
    "/account/signed-out/",
    "/account/keep/nonsense/",
    "/notes-about-me/",
    "/account/with/university/login/",
    "/account/with/cancelled/",
    "/account/invited/nonsense/",
    "/r/nonsense/",
    "/r/nonsense/off/",
    "/with/nonsense/",
    "/dev/components/",
    "/dev/components/confirm/",
    "/dev/mail/",
]
STARTS = [
    "/today/",
    "/portfolio/",
    "/people/",
    "/people/places/",
    "/people/walk/",
    "/outreach/",
    "/outreach/approached/",
    "/meetings/",
    "/settings/",
    "/settings/erase/",
    "/reminders/",
    "/brief/",
    "/needs/",
    "/reflect/",
    "/reflect/reviews/",
    "/templates/",
    "/templates/new/",
    "/meetings/new/",
    "/approaches/new/",
    "/introductions/open/",
    "/account/email/",
    "/account/signing-in/",
    "/account/password/change/",
    "/account/logout/",
    "/settings/sessions/",
    "/account/with/",
]
# Routes that show a page to a signed-in user with data.
PAGES = set(
    """
    places place place_new place_edit walk walk_source walk_done
    today portfolio portfolio_coverage portfolio_timeline
    people person person_new person_edit person_could_help person_mentioned person_merge tag_edit
    introductions introduction_open introduction knows_add mentorship_new mentorship
    mentorship_edit mentorship_end support_add formal_terms formal_remove agreement agreement_edit outcome_edit
    event_edit briefs brief brief_step needs need need_new need_edit need_could_help
    outreach outreach_list approach_research approach_silence approach_no approach_new approach approach_edit
    approach_reply approach_become message_new message templates template template_new
    meetings meeting_new meeting meeting_edit agendas agenda_new calendar
    meeting_talk meeting_wrap_up meeting_summary meeting_times share item_edit action_edit
    contact_imports development_log bring_in
    settings export security_events what_is_kept erase account_email account_change_password account_logout mfa_index
    usersessions_list socialaccount_connections
    reflect reflection_new reflection reflection_edit reflection_delete reviews
    review_new review review_edit review_delete reminders reminder
    """.split()  # noqa: SIM905 - a list of words reads better
)
NO_PAGE = re.compile(r"/csv/|\.eml$|\.ics$|/static/|/dev/|^/$")


def shape(address: str) -> str:
    """The kind of a URL: ``/people/*/?need``."""
    parts = urlsplit(address)
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return re.sub(r"\d+", "*", parts.path) + ("?" + "&".join(names) if names else "")


def every_page(page: Page, starts: list[str] = STARTS, followed: int = 9) -> list[str]:
    """The URLs of all linked pages, one of each kind, including pages of GET forms.

    Follows links on several pages of each kind, because not every mentorship has an agreement, for example.
    """
    found: dict[str, str] = {shape(start): start for start in starts}
    seen, counted = set(starts), Counter(found.keys())
    waiting = list(starts)
    while waiting:
        answer = page.request.get(waiting.pop(0))
        for href in re.findall(r'<a\b[^>]*?href="([^"#]+)', answer.text()):
            address = href.replace("&amp;", "&")
            kind = shape(address)
            if not address.startswith("/") or NO_PAGE.search(address) or address in seen or counted[kind] == followed:
                continue
            seen.add(address)
            counted[kind] += 1
            found.setdefault(kind, address)
            waiting.append(address)
    return sorted(found.values())


_walked: dict[tuple[str, str], list[str]] = {}


def pages_of(who: str, page: Page, test_file: str) -> list[str]:
    """``every_page`` of this account, cached for the tests of one file, which use the same rows."""
    if (who, test_file) not in _walked:
        _walked[who, test_file] = every_page(page)
    return _walked[who, test_file]


def names_of(addresses: list[str]) -> set[str]:
    names = set()
    for address in addresses:
        try:
            names.add(resolve(urlsplit(address).path).url_name)
        except Resolver404:
            continue
    return names
