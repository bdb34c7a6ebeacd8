"""One user's ids in every field, parameter and address of another: nothing is shown, changed or told apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.forms import BaseForm

from accounts import row_security
from accounts.ownership import Owned, OwnedQuerySet
from tests import access_world, stored_data
from tests.access import sweep
from tests.access.fuzz import Fuzz
from tests.access.sweep import Survey, WholeSweep
from tests.access_world import World
from tests.factories import make_user

REQUESTS = 400  # with hostile values
ROOT = Path(__file__).resolve().parent.parent.parent


# --- Nothing is left out --------------------------------------------------------------------------


def test_every_model_has_a_row_of_the_victim(alices: World) -> None:
    """The id that is swept is that of a row in each table; a new model needs a row in ``make_world``."""
    without = [
        model._meta.label
        for model in stored_data.kept_models()
        if issubclass(model, Owned) and not model._default_manager.filter(pk=sweep.THEIRS).exists()
    ]
    assert without == []


def nothing_is_left_out(survey: Survey) -> None:
    """Everything that a view or a page names was tried."""
    assert posts_without_a_form(survey) == set()
    assert fields_of_forms(survey) == set()
    assert names_read_by_hand() - {name for _, _, name in survey.targets()} == set(), "never looked up in the sweep"
    on_no_page = names_in_templates() - {name for _, _, name in survey.targets()}
    assert on_no_page == BESIDE_LINES_NOBODY_COULD_READ


# Routes that take a POST, but have no button on any page that the sweep opens. They are swept by their address.
FROM_A_MAIL = {"account_confirm_email", "account_reset_password_from_key", "account_set_password"}
# The button of `invited` is for strangers; the account has an app already; an export is brought into an empty account
# only; its sign-in is recent, so that the calendar's address is shown without the button; a redirect takes any method;
# who has a second factor is asked for no password and no code.
IN_ANOTHER_ACCOUNT = set(
    access_world.names(
        """
        invited mfa_activate_totp calendar_show mfa_list_webauthn bring_in
        account_reauthenticate reauthenticate_by_code
        """
    )
)
# Forms with fields that the sweep doesn't fill in.
OF_A_STRANGER = set(
    access_world.names(
        """
        SignUpForm SignInForm ForgottenPasswordForm NewPasswordForm SetPasswordForm WhoYouAre ByProviderForm
        AskForCodeForm CodeByMailForm SecondStepForm PasskeySignInForm PasskeySecondStepForm
        """
    )
)
OF_THE_OPERATOR = {"StopForm", "LinkForm"}
OF_THE_STYLE_GUIDE = {"SampleForm", "ListForm"}
# Its field is a parameter of the page that it leads to, where it is swept as such; nothing is ever filled into it.
ONLY_SHOWN = {"WhomForm"}
# The account has an app already, and is asked for it instead of a password or a code; see IN_ANOTHER_ACCOUNT.
WITHOUT_AN_APP = {"AppForm", "OnceMoreForm", "CodeForm"}
# Asks for a first need; the account has some. It chooses among nobody’s rows.
WITHOUT_A_NEED = {"NeedInOneSentenceForm"}
BESIDE_LINES_NOBODY_COULD_READ = {"look"}  # a button


def posts_without_a_form(survey: Survey) -> set[str]:
    """Routes with a POST that no page of the account leads to; and those excused that a page leads to after all."""
    sent = {key[1] for key, form in survey.forms.items() if form.method == "post"}
    taking = {route for route in sweep.SWEPT if takes_a_post(survey, route)}
    excused = FROM_A_MAIL | IN_ANOTHER_ACCOUNT
    return (taking - sent) ^ (excused & set(sweep.SWEPT))


def takes_a_post(survey: Survey, route: str) -> bool:
    client = survey.sweep.client
    with stored_data.taken_back(client):
        return sweep.send(client, "post", survey.world.url(route)).status_code != 405


def fields_of_forms(survey: Survey) -> set[str]:
    """Our forms with a field that the sweep never filled in."""
    found = set()
    for form in every_form(BaseForm):
        wanted, filled = set(getattr(form, "base_fields", {})), set()
        for kind, names in survey.bound.items():
            if issubclass(kind, form):
                filled |= names
        if form.__module__.partition(".")[0] in settings.OWN_APPS and wanted - filled:
            found.add(form.__name__)
    excused = OF_THE_OPERATOR | OF_THE_STYLE_GUIDE | ONLY_SHOWN | WITHOUT_AN_APP | WITHOUT_A_NEED
    return found - OF_A_STRANGER - excused


def every_form(base: type) -> Iterator[type[BaseForm]]:
    for kind in base.__subclasses__():
        yield kind
        yield from every_form(kind)


def names_read_by_hand() -> set[str]:
    """Literal names that a view looks up in ``request.GET`` or ``request.POST``, also through another variable."""
    found = set()
    for file in (file for app in settings.OWN_APPS for file in (ROOT / app).rglob("*views*/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = ast.unparse(node) if isinstance(node, ast.Call | ast.Subscript | ast.Compare) else ""
            found |= set(re.findall(r"(?:request\.(?:GET|POST)|asked|given)(?:\.get|\.getlist)?[(\[]'(\w+)'", text))
            found |= set(re.findall(r"^'(\w+)' (?:not )?in request\.(?:GET|POST)", text))
    return found


def names_in_templates() -> set[str]:
    """Literal names of fields and buttons that a template writes by hand."""
    pattern = re.compile(r"<(?:input|button|select|textarea)\b[^>]*?\bname=\"([\w-]+)\"", re.DOTALL)
    folders = ("accounts", "mentoring", "reminders", "portfolio", "outreach", "meetings")
    pages = [page for folder in folders for page in (ROOT / "templates" / folder).rglob("*.html")]
    return {name for page in pages for name in pattern.findall(page.read_text(encoding="utf-8"))}


# --- The sweep ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("now")
def test_nothing_of_another_user_is_shown_changed_or_told(db: None) -> None:
    whole = WholeSweep()
    nothing_is_left_out(whole.survey)  # here, because a survey takes as long as half of the sweep
    assert whole.faults() == []
    hostile_values_cause_no_error_and_no_leak(whole)


def hostile_values_cause_no_error_and_no_leak(whole: WholeSweep) -> None:
    """A short round of the fuzz run that ``python -m tests.fuzz_pages`` makes for as long as one likes.

    The stranger is a third user: the victim has rows that name the thief's people (``look_alikes``).
    """
    report = Fuzz(whole.thief, make_user("stranger@example.org"), seed=12, survey=whole.survey).run(REQUESTS)
    assert report.failures == []
    assert report.leaks == []
    assert report.requests.total() == REQUESTS


# --- It detects faults ----------------------------------------------------------------------------


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize(
    ("where", "routes", "noticed"),
    [
        # A page of the other's row.
        ("portfolio.views.needs.get_owned", {"need_edit"}, "answers 200 for a row of the other"),
        # A choice in a form, and a hidden field that a view reads by itself.
        (OwnedQuerySet, {"person_new"}, "shows aliceonly"),
        (OwnedQuerySet, {"approach_open"}, r"with person changes the other's outreach\.Approach$"),
        # Only a number differs.
        (OwnedQuerySet, {"place_delete", "walk"}, "tells that there is somebody else"),
    ],
)
def test_a_forgotten_owner_would_be_noticed(
    db: None, monkeypatch: pytest.MonkeyPatch, where: Any, routes: set[str], noticed: str
) -> None:
    monkeypatch.setattr(sweep, "SWEPT", sorted(routes))
    whole = WholeSweep()
    if isinstance(where, str):
        monkeypatch.setattr(where, lambda kind, user, **lookup: kind._default_manager.get(**lookup))
    else:
        monkeypatch.setattr(where, "for_user", lambda self, user: self)
    found = whole.faults()
    if row_security.is_there():  # there is nothing to notice, because the second wall holds; an error is no leak
        pattern = r"fails with 500|became 500\b|answers 500|^the work of "
        assert [fault for fault in found if not re.search(pattern, fault)] == []
    else:
        assert any(re.search(noticed, fault) for fault in found)


def test_a_field_that_nobody_fills_in_would_be_noticed(charlies: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "SWEPT", ["need", "need_edit", "need_close"])
    survey = Survey(charlies)
    assert posts_without_a_form(survey) == set()
    assert "NewPersonForm" in fields_of_forms(survey)
    assert {"competency", "words"} <= {name for _, _, name in survey.targets()}
    monkeypatch.setattr(sweep, "SWEPT", ["need_close"])
    assert posts_without_a_form(Survey(charlies)) == {"need_close"}
