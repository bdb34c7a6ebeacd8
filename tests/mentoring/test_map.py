from __future__ import annotations

from io import StringIO

from django.conf import settings
from django.core.management import call_command

from portfolio.panels import person_panels


def printed() -> list[str]:
    out = StringIO()
    call_command("map", stdout=out)
    return out.getvalue().strip().split("\n\n")


def test_every_registry_stands_once_ground_floor_first() -> None:
    offered_by = [block.splitlines()[0].rpartition("offered by ")[2] for block in printed()]
    assert set(offered_by) == {
        "accounts.export.parts",
        "accounts.jobs",
        "accounts.retention",
        "accounts.typed_addresses",
        "mail.arrivals",
        "mail.connected.letters",
        "mail.purposes",
        "reminders.kinds",
        "portfolio.panels",
        "portfolio.people.relations",
        "portfolio.needs.candidates",
        "outreach.panels",
    }
    assert len(offered_by) == 17
    apps = [settings.OWN_APPS.index(module.split(".")[0]) for module in offered_by]
    assert apps == sorted(apps)


def test_what_is_registered_stands_in_order_with_who_did_it() -> None:
    (panels,) = [block for block in printed() if block.startswith("Panels of a person’s page")]
    assert panels.splitlines() == [
        "Panels of a person’s page, offered by portfolio.panels",
        "  outreach  by outreach.panels",
        "  meetings  by meetings.panels",
    ]


def test_empty_registry_says_so() -> None:
    with person_panels.restored_after(empty=True):
        (panels,) = [block for block in printed() if block.startswith("Panels of a person’s page")]
    assert panels.splitlines()[1:] == ["  nothing yet"]
