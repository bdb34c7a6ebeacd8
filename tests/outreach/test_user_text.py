"""User text is shown literally: never evaluated, and always escaped.

Every text field of outreach contains a hostile text, and a parser checks every page that shows one.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from outreach.drafts import merge_fields
from outreach.models import Approach, Introduction, Message, MessageTemplate
from portfolio.models import Knows, Need, Person
from tests.factories import (
    make_approach,
    make_brief,
    make_introduction,
    make_knows,
    make_message,
    make_need,
    make_person,
    make_template,
)

pytestmark = pytest.mark.django_db
# What would appear if user text were treated as a template, a format string or HTML.
PIECES = [
    "{{ 7919|add:7920 }}",
    "{{7919|add:7920}}",
    "{% widthratio 7919 1 3 %}",
    '{% include "base.html" %}',
    "{{ request.user.email }}",
    "{{ form.instance.owner.password }}",
    "{{ message_row.owner.email }}",
    "{their_name.__class__}",
    "{their_name.__class__.__mro__}",
    "{0.__class__}",
    "{their_name!r}",
    "{their_name:>400}",
    "{their_first_name|upper}",
    "{{first_name|upper}}",
    "%(their_name)s %s ${their_name}",
    "{topic}",
    "{ Their first name }",
    "{zzevil}",
    "<zzevil onzzevil=1>",
    '"><zzevil x="',
    "'><zzevil x='",
    "</textarea><zzevil>",
    "</title><zzevil>",
    "</script><zzevil>",
    "<!-- zzevil",
    "--><zzevil>",
    "&lt;zzevil&gt; &#60;zzevil&#62;",
    '" onzzevil="1',
    "javascript:zzevil()",
    "\u202e\u2066 שלום",
    "🌱👩🏽‍🔬",
    "{",
    "}",
    "{{",
    "%}",
    "<",
    '"',
    "\n",
]
COME_OUT = ["15839", "23757", "alice@example.org</", "&lt;class", "<class", "pbkdf2_", "argon2", " " * 200]
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), min_size=1, max_size=6).map("".join)
STORABLE = TEXT.map(lambda text: "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff"))
fuzzed = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Reader(HTMLParser):
    """Finds HTML injected by a text: tags, attributes, or a second page."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.pages = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [tag, *(name for name, _ in attrs)]
        self.wrong += [name for name in names if "zzevil" in name]
        self.wrong += [f"{n}={v}" for n, v in attrs if n in {"href", "action"} and v and v.startswith("javascript")]
        self.pages += tag == "html"

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}")


def assert_untouched(html: str, url: str, *, whole: bool = True) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.wrong == [], url
    assert reader.pages == int(whole), url
    assert [words for words in COME_OUT if words in html] == [], url


@pytest.fixture
def everything(alice: User) -> dict[str, Any]:
    """A row of every kind whose texts outreach shows."""
    bob, carol = make_person(alice, "Bob", email="bob@example.org"), make_person(alice, "Carol")
    need = make_need(alice)
    make_brief(alice, need, direction="Lead a group")
    approach = make_approach(bob, need)
    make_knows(carol, bob)
    return {
        "person": bob,
        "need": need,
        "approach": approach,
        "template": make_template(alice),
        "draft": make_message(approach),
        "sent": make_message(approach, state="sent", at=timezone.now()),
        "received": make_message(approach, state="received", purpose="", at=timezone.now()),
        "introduction": make_introduction(bob, carol),
    }


def write_everywhere(rows: dict[str, Any], text: str) -> None:
    """Write the text into every field, truncated if necessary."""
    approach, person = rows["approach"], rows["person"]
    name = f"N {text}"[:100]  # names can't be empty
    Person.objects.filter(owner=approach.owner).update(
        name=name, headline=name, organisation=name, sector=name, source_detail=name, notes=text
    )
    Need.objects.update(words=name, sector=name)
    Knows.objects.update(note=name)
    Approach.objects.update(why_them=text)
    approach.events.all().delete()
    approach.events.create(owner=approach.owner, kind="sent", what=name, stage=approach.stage)
    MessageTemplate.objects.update(name=name, subject=name, body=text)
    Introduction.objects.update(why=name)
    kept = {"version": "2026-01-05T10:00:00+00:00", "channel": "email", "subject": name, "body": text}
    Message.objects.filter(person=person).update(
        subject=name,
        body=text,
        sent_subject=name,
        sent_body=text,
        field_values=dict.fromkeys(merge_fields.FIELDS, text),
        conflicts=[{**kept, "fields": {"topic": text}}],
    )


def pages_of(rows: dict[str, Any]) -> list[str]:
    draft = f"?approach={rows['approach'].pk}&purpose=first_approach"
    return [
        reverse("templates"),
        reverse("template", args=[rows["template"].pk]),
        reverse("template_new") + f"?from={rows['template'].pk}",
        reverse("template_delete", args=[rows["template"].pk]),
        reverse("message_new") + draft,
        *(reverse("message", args=[rows[name].pk]) for name in ("draft", "sent", "received")),
        reverse("message_delete", args=[rows["draft"].pk]),
        reverse("outreach"),
        reverse("approach", args=[rows["approach"].pk]),
        reverse("approach_edit", args=[rows["approach"].pk]),
        reverse("approach_reply", args=[rows["approach"].pk]),
        reverse("approach_become", args=[rows["approach"].pk]),
        reverse("approach_new"),
        reverse("introductions"),
        reverse("introduction", args=[rows["introduction"].pk]),
        reverse("introduction_open"),
        reverse("person", args=[rows["person"].pk]),
        reverse("person_edit", args=[rows["person"].pk]),
        reverse("need", args=[rows["need"].pk]),
        reverse("needs"),
        reverse("people"),
        reverse("today"),
    ]


@fuzzed
@given(STORABLE)
def test_no_page_takes_a_stored_text_for_anything_but_text(
    alice_client: Client, everything: dict[str, Any], text: str
) -> None:
    write_everywhere(everything, text)
    for url in pages_of(everything):
        response = alice_client.get(url)
        assert response.status_code == 200, url
        assert_untouched(response.content.decode(), url)


@pytest.mark.parametrize("channel", ["email", "inmail", "li_note", "phone"])
def test_all_of_it_at_once(alice_client: Client, everything: dict[str, Any], channel: str) -> None:
    write_everywhere(everything, "".join(PIECES))
    Message.objects.update(channel=channel)
    for url in pages_of(everything):
        assert_untouched(alice_client.get(url).content.decode(), url)


@fuzzed
@given(TEXT, TEXT)
def test_no_form_takes_a_typed_text_for_anything_but_text(
    alice_client: Client, everything: dict[str, Any], text: str, other: str
) -> None:
    """As a whole page and as an htmx response; saved, invalid or in a preview."""
    for url in (everything["draft"].get_absolute_url(), everything["template"].get_absolute_url()):
        data = {
            "name": other[:200],
            "purpose": text,
            "channel": "email",
            "subject": other,
            "body": text,
            "field_topic": other,
            "person": text,
            "version": other,
        }
        data = {name: value.encode("utf-8", "replace").decode() for name, value in data.items()}
        for extra, headers in (({}, {}), ({}, {"HX-Request": "true"}), ({"try": "1"}, {}), ({"put_away": text}, {})):
            if "put_away" in extra:
                extra = {"put_away": data["body"], "take": data["subject"]}
            response = alice_client.post(url, {**data, **extra}, headers=headers, follow=True)
            assert response.status_code in {200, 422}
            assert_untouched(response.content.decode(), url, whole=not headers or bool(response.redirect_chain))


@fuzzed
@given(STORABLE, STORABLE)
def test_a_value_is_never_merged_again(alice_client: Client, everything: dict[str, Any], text: str, other: str) -> None:
    draft = everything["draft"]
    values = {"topic": text, "about_me": other}
    Message.objects.filter(pk=draft.pk).update(subject="S", body="<{topic}|{about_me}>", field_values=values)
    ready = alice_client.get(draft.get_absolute_url()).context["ready"]
    shown = [value.strip() or f"{{{name}}}" for name, value in values.items()]
    assert ready.body == f"<{shown[0]}|{shown[1]}>"
