from __future__ import annotations

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from outreach.approaches import services as approaches
from outreach.export import export
from portfolio.models import Person
from tests.factories import make_approach, make_message, make_need, make_template
from tests.outreach.helpers import send

pytestmark = [pytest.mark.django_db]


def test_everything_is_there_in_plain_values(bob: Person) -> None:
    approach = make_approach(bob, make_need(bob.owner), why_them="she built it", in_common="the same choir")
    send(approach, field_values={"topic": "panels"})
    approaches.record_reply(approach=approach, words="Gladly")
    beside = [{"version": "2026-01-05T10:00:00+00:00", "body": "from another tab"}]
    make_message(approach, subject="Thanks", body="{topic}", field_values={"topic": "drafted"}, conflicts=beside)
    make_template(bob.owner)
    text = json.dumps(export(bob.owner), cls=DjangoJSONEncoder)
    for words in (
        "Dr Bob Brook", "be known to funders", "she built it", "Fifteen minutes?", "Dear you", "Gladly", "They replied",
        "{topic}", "drafted", "bob@example.org", "My first e-mail", "from another tab", "the same choir",
        "Not needed any more",
    ):  # fmt: skip
        assert words in text, words


def test_nothing_of_somebody_else_is_in_it(bob: Person, charlie: User) -> None:
    make_message(make_approach(bob))
    make_template(bob.owner)
    assert export(charlie) == {"approaches": [], "introductions": [], "messages": [], "templates": []}
