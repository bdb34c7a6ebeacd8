"""The common parts of every page: icons, navigation, the head."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from heroicons.templatetags.heroicons import heroicon_outline

from mentoring.templatetags import shell

TEMPLATES = sorted(Path(settings.ROOT, "templates").rglob("*.html"))
IN_TEMPLATES = {
    (name, int(size))
    for path in TEMPLATES
    for name, size in re.findall(r'heroicon_outline "([a-z0-9-]+)" size=(\d+)', path.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize(("name", "size"), sorted(IN_TEMPLATES | {(icon, 22) for _, _, icon in shell.ENTRIES}))
def test_an_icon_is_the_very_drawing_of_the_package(name: str, size: int) -> None:
    template = Template("{% heroicon_outline name size=size %}")
    drawn = [template.render(Context({"name": name, "size": size})) for _ in range(2)]
    assert drawn == [heroicon_outline(name, size=size)] * 2
    assert drawn[0].startswith("<svg ")


def test_every_entry_of_the_navigation_is_marked_on_its_own_page_only(alice_client: Client) -> None:
    for name, address in shell.addresses().items():
        html = alice_client.get(address).content.decode()
        main = html[html.index('<nav class="nav"') : html.index("</nav>")]
        assert re.findall(r'<a href="([^"]+)" aria-current="page"', main) == [address], name
        assert 'aria-current="true"' not in main


def test_a_page_below_an_entry_is_marked_as_within_it(alice_client: Client) -> None:
    html = alice_client.get(reverse("person_new")).content.decode()
    assert re.findall(r'<a href="([^"]+)" aria-current="true"', html) == [reverse("people")]
    assert 'aria-current="page"' not in html


def test_an_entry_without_its_page_is_left_out(alice_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.addresses.cache_clear()
    shell._navigation.cache_clear()
    monkeypatch.setattr(shell, "ENTRIES", [*shell.ENTRIES, ("no_such_page", "Nowhere", "home")])
    html = alice_client.get("/today/").content.decode()
    assert "Nowhere" not in html
    assert 'class="nav"' in html


def test_htmx_is_loaded_with_eval_off_and_only_for_those_signed_in(client: Client, alice_client: Client) -> None:
    assert '"allowEval":false' in alice_client.get("/today/").content.decode()
    assert "htmx" not in client.get("/account/login/").content.decode()
