"""Access tests over the whole URLconf: who may see and change what. In ``tests/access/``: one user's ids on the pages
of another, signed links, hostile values.

Each check returns the faults it found, so that the last tests can break access control on purpose and see it detected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Model
from django.forms import BaseForm, Field, FileField, ModelChoiceField
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from accounts import row_security
from accounts.models import User
from mail.models import OutgoingMail
from mentoring.development import door
from tests import access_world, stored_data
from tests.access_world import World, make_world
from tests.factories import make_user
from tests.second_factors import operator_client

SIGNED_IN = sorted(access_world.MINE | set(access_world.ROW_OF))
EVERYWHERE = sorted(access_world.KNOWN - access_world.DEV)
OTHER_METHODS = ("put", "patch", "delete", "head", "options", "trace")
SENTINEL = 987654321


@pytest.fixture
def alices(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    return make_world(make_user("aliceonly@example.org", name="Aliceonly Ashe"), "aliceonly")


@pytest.fixture
def charlies(db: None) -> World:
    return make_world(make_user("charlie@example.org", name="Charlie Crane"), "charlieonly")


@pytest.fixture
def with_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn DEBUG on, as in development, because pytest-django turns it off."""
    monkeypatch.setattr(settings, "DEBUG", True)


@pytest.fixture
def mailbox(with_debug: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A mail saved by the development mail server; returns its name."""
    name = "20260105T090000000000-0123abcd"
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / f"{name}.eml").write_text("Subject: Hello\nContent-Type: text/html\n\n<p>Hello")
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    return name


def let_in() -> Client:
    """A browser that has opened the address of the development mailbox."""
    client = Client()
    client.get(reverse("dev_enter", args=[door.new_token(Path(settings.VAR_DIR))]))
    return client


def ask(client: Client, method: str, url: str, data: Any = None) -> HttpResponse:
    """Make a request and roll back its changes, also signing out; an exception in a view becomes a 500."""
    with stored_data.taken_back(client):
        return send(client, method, url, data)


def send(client: Client, method: str, url: str, data: Any = None) -> HttpResponse:
    """One request, with a form's usual encoding: the one for files takes Django longer than most pages do."""
    if method == "post":
        return client.post(url, urlencode(data or {}, doseq=True), "application/x-www-form-urlencoded")
    return getattr(client, method)(url, data or {})


# --- The table is complete ------------------------------------------------------------------------


def test_every_route_is_known() -> None:
    routes = list(stored_data.routes())
    unknown = [f"{name or pattern!r}" for name, pattern in routes if name not in access_world.KNOWN]
    assert unknown == [], "Say in tests/access_world.py (PUBLIC, KEYED, MINE, OWNED or DEV) who may open these routes."
    assert access_world.KNOWN - {name for name, _ in routes} == set(), "These routes are gone: take them out."


def test_every_choice_of_rows_is_known() -> None:
    def forms(base: type) -> Iterator[type[BaseForm]]:
        for kind in base.__subclasses__():
            yield kind
            yield from forms(kind)

    asked = {
        name: f"{form.__module__}.{form.__name__}"
        for form in forms(BaseForm)
        if form.__module__.partition(".")[0] in stored_data.OURS
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, ModelChoiceField)
    }
    unknown = {name: form for name, form in asked.items() if name not in access_world.IDS}
    assert unknown == {}, "Say in tests/access_world.py (IDS) which row of the World such a field takes."


def test_every_query_parameter_is_known() -> None:
    pattern = re.compile(r"""request\.GET(?:\.get(?:list)?\(|\[)["'](\w+)["']""")
    root = Path(settings.BASE_DIR if hasattr(settings, "BASE_DIR") else access_world.__file__).parent.parent
    files = [file for app in settings.OWN_APPS for file in (root / app).rglob("*.py")]
    read = {name for file in files for name in pattern.findall(file.read_text(encoding="utf-8"))}
    assert read - set(access_world.QUERY) == set(), (
        "Name these in tests/access_world.py (QUERY), so that they are tried."
    )


def test_development_pages_exist_only_with_debug(mailbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = {"mailbox_mail": [mailbox], "mailbox_html": [mailbox], "dev_enter": ["used"]}
    addresses = [reverse(name, args=arguments.get(name, [])) for name in sorted(access_world.DEV)]
    client = let_in()
    assert {client.get(address).status_code for address in addresses} == {200, 302}  # from the door on to the mailbox
    monkeypatch.setattr(settings, "DEBUG", False)
    assert {client.get(address).status_code for address in addresses} == {404}


# --- Who has access -------------------------------------------------------------------------------


def test_anonymous_is_sent_to_sign_in(alices: World) -> None:
    nobody, faults = stored_data.browser_of(None), []
    before = stored_data.snapshot()
    for route in SIGNED_IN + sorted(access_world.STAFF):
        for method in ("get", "post", *OTHER_METHODS):
            answer = ask(nobody, method, alices.url(route), alices.fields(route) if method == "post" else None)
            if answer.status_code != 302 or not answer["Location"].startswith(reverse("account_login")):
                faults.append(f"{method} {route}: {answer.status_code}")
    assert faults == []
    assert stored_data.changed(before, stored_data.snapshot()) == []


def test_public_pages_open_for_everybody(alices: World, charlies: World) -> None:
    faults = []
    for client in (stored_data.browser_of(None), stored_data.browser_of(charlies.owner)):
        for route in sorted(access_world.PUBLIC | {"reminder_link", "account_confirm_email"}):
            answer = ask(client, "get", alices.url(route))
            # Not ready without a worker; an unknown confirmation key; a POST only.
            usual = {"readyz": {503}, "account_confirm_email": {404, 200}, "password_strength": {405}}
            usual["incoming_mail_webhook"] = {405}
            usual = usual.get(route, {200, 302})
            if answer.status_code not in usual:
                faults.append(f"{route}: {answer.status_code}")
            if "aliceonly" in answer.content.decode().lower() and route not in access_world.KEYED:
                faults.append(f"{route} shows what is alice's")
    assert faults == []


# A wrong password, code or passkey gives an error on the page itself, as a missing file does; the export is a file.
ON_ITSELF = set(
    access_world.names(
        """
        account_change_password account_reauthenticate mfa_reauthenticate mfa_reauthenticate_webauthn
        reauthenticate_by_code mfa_add_webauthn export_file bring_in
        """
    )
)
ELSEWHERE = ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"]


def test_pages_open_for_their_owner_and_change_nothing(alices: World, charlies: World) -> None:
    """Otherwise "a stranger gets 404" could pass because everybody gets a 404. Of each page also what it looks like."""
    browsers = {user: stored_data.browser_of(user) for user in (alices.owner, charlies.owner, None)}
    before = stored_data.snapshot()
    for user, client in browsers.items():
        assert page_faults(client, user, alices, EVERYWHERE) == []
    assert stored_data.changed(before, stored_data.snapshot()) == []


def page_faults(client: Client, user: User | None, owns: World, routes: Iterable[str]) -> list[str]:
    """What is wrong with the pages of this owner as this user gets them, by GET and HEAD."""
    faults = []
    for route in routes:
        address = owns.url(route) + query_of(owns, route)
        with stored_data.writes() as written:
            answer = client.get(address)
            client.head(address)
        if written:
            faults.append(f"{route} writes {written} for {user}")
        faults += policy_faults(f"{route} for {user}", answer)
        # The primary button is the next step.
        if user == owns.owner and answer.content.count(b'class="button"') > 1:
            faults.append(f"{route} has several filled buttons")
        if user == owns.owner and route in SIGNED_IN and how(answer) not in {200, 302, 405}:
            faults.append(f"{route}: {how(answer)}")
    return faults


def test_forms_work_for_their_owner_and_send_nobody_elsewhere(alices: World) -> None:
    client, faults = stored_data.browser_of(alices.owner), []
    for route in SIGNED_IN:
        url, fields = alices.url(route), alices.fields(route)
        empty = ask(client, "post", url)
        faults += policy_faults(f"empty post {route}", empty)
        if empty.status_code == 405:
            if ask(client, "get", url).status_code == 405:
                faults.append(f"{route} takes neither GET nor POST")
            continue
        with stored_data.fields_read() as read:
            written = how(ask(client, "post", url, fields))
        if written != 302 and route not in ON_ITSELF:
            faults.append(f"{route}: {written}")
        for elsewhere in ELSEWHERE if "next" in read else ELSEWHERE[:1]:
            answer = ask(client, "post", url, {**fields, "next": elsewhere})
            if answer.headers.get("Location", "").startswith((elsewhere, "//", "http")):
                faults.append(f"{route}: {answer['Location']}")
    assert faults == []


def test_an_empty_post_of_nobody_carries_a_strict_policy(alices: World) -> None:
    nobody = stored_data.browser_of(None)
    answers = {route: ask(nobody, "post", alices.url(route)) for route in EVERYWHERE}
    answers["not found"] = ask(nobody, "get", "/no/such/page/")
    assert [fault for name, answer in answers.items() for fault in policy_faults(name, answer)] == []


def how(answer: HttpResponse) -> int | str:
    """The status, or that it leads to the sign-in page."""
    return "sign in" if answer.headers.get("Location", "").startswith(reverse("account_login")) else answer.status_code


def query_of(owns: World, route: str) -> str:
    """The query string that a page requires."""
    return f"?purpose=first_approach&approach={owns.approach.pk}" if route == "message_new" else ""


# --- Strangers ------------------------------------------------------------------------------------


def test_staff_pages_are_not_there_for_others(alices: World, charlies: World) -> None:
    assert stranger_faults(charlies.owner, alices, access_world.STAFF) == []
    # Alice is tested too: she may read her own mail, but not make the operator's decisions about it.
    owner = stored_data.browser_of(alices.owner)
    asked = [
        ask(owner, method, alices.url(route)).status_code for route in access_world.STAFF for method in ("get", "post")
    ]
    assert set(asked) == {404, 405}


def test_staff_see_nobodys_words(alices: World) -> None:
    operator = operator_client(make_user("olga@example.org", is_staff=True))
    OutgoingMail.objects.filter(pk=alices.mail.pk).update(state="failed", last_error="550 Nobody here")
    page = operator.get(alices.url("operator_mail")).content.decode()
    assert "550 Nobody here" in page
    assert alices.mail.subject not in page
    for route in ("operator_mail_retry", "operator_mail_set_aside"):
        assert ask(operator, "post", alices.url(route)).status_code == 302


def stranger_faults(stranger: User, owns: World, routes: Iterable[str]) -> list[str]:
    """What a signed-in stranger can see or change with the owner's URLs and ids."""
    client, faults = stored_data.browser_of(stranger), []
    before = stored_data.snapshot()
    for route in sorted(routes):
        allowed = [ask(client, method, owns.url(route)).status_code != 405 for method in ("get", "post")]
        if not any(allowed):
            faults.append(f"{route} answers neither GET nor POST")
        for method in ("get", "post", *OTHER_METHODS):
            url, data = owns.url(route), owns.fields(route) if method == "post" else {}
            with stored_data.taken_back(), stored_data.writes() as written:
                answer = send(client, method, url, data)
            if written:
                faults.append(f"{method} {route} changes {written}")
            if answer.status_code not in {404, 405}:
                faults.append(f"{method} {route}: {answer.status_code}")
            if owns.word in answer.content.decode().lower():
                faults.append(f"{method} {route} shows {owns.word}")
    return faults + stored_data.changed(before, stored_data.snapshot())


def test_stranger_gets_404_on_everything(alices: World, charlies: World) -> None:
    assert stranger_faults(charlies.owner, alices, access_world.ROW_OF) == []


def test_the_link_in_a_mail_begins_no_session(alices: World) -> None:
    client = Client()
    answer = client.get(alices.url("reminder_link"))
    assert (answer.status_code, dict(client.cookies)) == (200, {})


# --- Invalid input --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["0", "-1", str(2**31), str(2**63 - 1), str(2**63), "9" * 40, "%00", "١"])
def test_ids_that_no_row_has_are_404(alices: World, number: str) -> None:
    client, faults = stored_data.browser_of(alices.owner), []
    for route in sorted(access_world.ROW_OF):
        address = reverse(route, kwargs={**alices.kwargs(route), "pk": SENTINEL}).replace(str(SENTINEL), number)
        for method in ("get", "post"):
            status = ask(client, method, address, alices.fields(route) if method == "post" else None).status_code
            if status not in {404, 405}:
                faults.append(f"{method} {address}: {status}")
    assert faults == []


_reads: dict[str, bool] = {}


def reads(client: Client, world: World, route: str) -> bool:
    """Whether the page reads anything from its query string; looked up once for each route."""
    if route not in _reads:
        with stored_data.fields_read() as read:
            ask(client, "get", world.url(route))
        _reads[route] = bool(read & set(access_world.QUERY))
    return _reads[route]


NONSENSE = ["\0", "-1", str(2**63), "x" * 30_000, "🜁١\u202e", "{{ request }}"]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_an_address_is_no_error(alices: World, nonsense: str) -> None:
    client = stored_data.browser_of(alices.owner)
    everything = dict.fromkeys(access_world.QUERY, nonsense)
    nearly = {**everything, "purpose": "first_approach", "approach": alices.approach.pk}
    asked = [(route, data) for route in SIGNED_IN if reads(client, alices, route) for data in (everything, nearly)]
    answers = [(route, ask(client, "get", alices.url(route), data).status_code) for route, data in asked]
    assert [(route, status) for route, status in answers if status >= 500] == []


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_a_form_is_no_error(alices: World, nonsense: str) -> None:
    """In each field that a form reads.

    A field that refuses it is tried alone, once for all that refuse; those that take it are sent together.
    """
    client, faults = stored_data.browser_of(alices.owner), []
    for route in SIGNED_IN:
        for tried in tries(client, alices, route, nonsense):
            answer = ask(client, "post", alices.url(route), {**alices.fields(route), **dict.fromkeys(tried, nonsense)})
            if answer.status_code >= 500:
                faults.append(f"{route}: {tried}")
    assert faults == []


@dataclass
class Reads:
    """What a view reads from a good form: names, and the fields of Django's forms among them."""

    names: set[str]
    fields: dict[str, Field]


_posts: dict[str, Reads] = {}


def reads_of(client: Client, world: World, route: str) -> Reads:
    """Looked up once for each route, by posting a good form."""
    if route not in _posts:
        with stored_data.fields_read() as names, bound_fields() as fields:
            ask(client, "post", world.url(route), world.fields(route))
        typed = {name: field for name, field in fields.items() if name in names and not isinstance(field, FileField)}
        _posts[route] = Reads(names, typed)
    return _posts[route]


def tries(client: Client, world: World, route: str, nonsense: str) -> Iterator[list[str]]:
    """The names to send it in, for each request."""
    reads, taking = reads_of(client, world, route), []
    before = NONSENSE[: NONSENSE.index(nonsense)]
    for name in sorted(reads.names):
        field = reads.fields.get(name)
        if field and takes(field, nonsense):
            taking.append(name)
        elif field is None or all(takes(field, one) for one in before):
            yield [name]
    if taking:
        yield taking


def takes(field: Field, nonsense: str) -> bool:
    """Whether this field takes it. Any exception but a refusal is a fault, as it would be in a request."""
    sent = QueryDict(mutable=True)
    sent["it"] = nonsense
    try:
        field.clean(field.widget.value_from_datadict(sent, MultiValueDict(), "it"))
    except ValidationError:
        return False
    return True


@contextmanager
def bound_fields() -> Iterator[dict[str, Field]]:
    """Notes the fields of all forms that are filled in, by their names in the request."""
    original = BaseForm.full_clean
    found: dict[str, Field] = {}

    def noting(self: BaseForm) -> None:
        if self.is_bound:
            found.update({self.add_prefix(name): field for name, field in self.fields.items()})
        original(self)

    BaseForm.full_clean = noting  # type: ignore[method-assign]
    try:
        yield found
    finally:
        BaseForm.full_clean = original  # type: ignore[method-assign]


# --- The content policy ---------------------------------------------------------------------------


def policy_faults(name: str, response: HttpResponse) -> list[str]:
    policy = response.headers.get("Content-Security-Policy", "")
    faults = [f"{name}: {found}" for found in stored_data.inline_in(response)]
    if "script-src 'self'" not in policy or "default-src 'none'" not in policy or "unsafe" in policy:
        faults.append(f"{name} has the policy {policy!r}")
    return faults


def test_development_pages_carry_a_strict_policy(db: None, mailbox: str) -> None:
    faults = []
    for client in (let_in(), Client()):
        for route, name in (("dev_components", []), ("mailbox", []), ("mailbox_mail", [mailbox])):
            faults += policy_faults(route, client.get(reverse(route, args=name)))
    assert faults == []


def test_a_kept_mail_runs_no_script(mailbox: str) -> None:
    answer = let_in().get(reverse("mailbox_html", args=[mailbox]))
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script" not in policy.replace("allow-popups", "")


# --- The tests above detect faults ----------------------------------------------------------------


def test_a_view_that_forgets_the_owner_would_be_noticed(
    alices: World, charlies: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite. On PostgreSQL there would be nothing to notice: the second wall holds."""

    def careless(rows: Any) -> Callable[..., Model]:
        return lambda kind, user, **lookup: (rows(kind)).get(**lookup)

    def all_rows(kind: Any) -> models.QuerySet[Any]:
        return kind._default_manager.all() if isinstance(kind, type) else kind

    for room in ("needs", "need_detail"):
        monkeypatch.setattr(f"portfolio.views.{room}.get_owned", careless(all_rows))
    found = stranger_faults(charlies.owner, alices, access_world.OWNED["need"])
    leaks = [r"^get need: 200", r"^post need_edit changes", "shows aliceonly"]
    noticed = [pattern for pattern in leaks if any(re.search(pattern, fault) for fault in found)]
    assert noticed == ([] if row_security.is_there() else leaks)


def test_a_get_that_writes_would_be_noticed(alices: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_today(user: User) -> None:
        User.objects.filter(pk=user.pk).update(name="Changed")

    client = stored_data.browser_of(alices.owner)
    monkeypatch.setattr("mentoring.views.read_today", read_today)
    assert any(fault.startswith("today writes") for fault in page_faults(client, alices.owner, alices, ["today"]))


def test_inline_code_would_be_noticed() -> None:
    page = '<p style="x"><a href=" JavaScript:x" onclick="x"><style></style><script>x</script><script src="x"></script>'
    assert len(stored_data.inline_in(HttpResponse(page))) == 5
    assert policy_faults("page", HttpResponse("")) != []
