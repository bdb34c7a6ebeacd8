"""A file of contacts from dropping it on People to a shortlist, stopping on the way, and back again; a real worker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.counted import Counted
from tests.browser.site import Site, links_in
from tests.servers import wait_until

pytestmark = pytest.mark.usefixtures("clockwork")

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
DROP = """text => {
  const files = new DataTransfer();
  files.items.add(new File([text], "Connections.csv", { type: "text/csv" }));
  for (const type of ["dragenter", "dragover", "drop"]) {
    document.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
  }
}"""


def connections(number: int) -> str:
    rows = [
        f"Ann,Import{n},https://linkedin.com/in/i{n},i{n}@example.org,Acme,Head of funding,\n" for n in range(number)
    ]
    return HEADER + "".join(rows)


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def count(site: Site) -> int:
    return int(site.sql("SELECT COUNT(*) FROM portfolio_person WHERE name LIKE 'Ann Import%'")[0][0])


def test_from_dropping_a_file_to_a_shortlist_and_back(open_page: Open, site: Site, faults: list[str]) -> None:
    page = open_page("demo")
    page.goto("/people/")
    page.evaluate(DROP, connections(60))
    page.wait_for_url("**/people/import/*/")
    expect(page.get_by_text("60 new people")).to_be_visible(timeout=60_000)
    assert count(site) == 0
    press(page, "Bring them in")
    page.get_by_role("link", name="Who of these might matter?").click(timeout=60_000)
    assert count(site) == 60
    expect(page.get_by_text("arrows to move")).to_be_visible()  # the script is there
    for key in "yynl":
        page.keyboard.press(key)
    press(page, "Keep these, and see the shortlist")
    expect(page.get_by_text(": 2 people.")).to_be_visible()
    page.goto("/people/import/")
    page.get_by_role("link", name="Connections.csv").first.click()
    page.get_by_text("Not what you wanted?").click()
    press(page, "Take it all back")
    expect(page.get_by_text("It was taken back.")).to_be_visible(timeout=60_000)
    assert count(site) == 3  # those with a yes or a no
    assert faults == []


def test_stopping_on_the_way_and_going_on(open_page: Open, site: Site, tmp_path: Path, faults: list[str]) -> None:

    page = open_page("empty")
    page.goto("/people/import/")
    file = tmp_path / "Connections.csv"
    file.write_text(connections(6000), encoding="utf-8")
    page.get_by_label("A file").set_input_files(file)
    press(page, "Look at it first")
    expect(page.get_by_text("6,000 new people")).to_be_visible(timeout=120_000)
    before = count(site)
    press(page, "Bring them in")
    press(page, "Stop here")
    expect(page.get_by_text("Stopped on the way")).to_be_visible()
    stopped = count(site)
    assert before <= stopped < before + 6000
    press(page, "Go on")
    expect(page.get_by_text("It is done.")).to_be_visible(timeout=120_000)
    assert count(site) == before + 6000
    assert faults == []


AT_MOST = 20
NEWCOMER = "newcomer.with.500@example.org"


def test_from_signing_up_with_500_connections_to_a_first_draft_in_twenty_interactions(
    site: Site, open_page: Open, tmp_path: Path, faults: list[str]
) -> None:
    file = tmp_path / "Connections.csv"
    julie = "Julie,Hart,,julie@example.org,Acme,Chair of trial funders,\n"
    file.write_text(connections(500).replace("Head of funding", "Nurse") + julie, encoding="utf-8")
    page = open_page()
    page.goto("/account/signup/")
    user = Counted(page)
    user.fill("Your name", "Robin Vale")
    user.fill("E-mail", NEWCOMER)
    user.fill("Password", "marigold teapot nine")
    user.press("Create my account")
    [mail] = wait_until(lambda: site.smtp.to(NEWCOMER), 60, what="a mail to the newcomer")
    [link] = [link for link in links_in(mail.text) if "confirm-email" in link]
    user.open_from_mail(link)
    user.press("Yes, confirm it")
    user.press("Bring your contacts in")
    user.choose_file("A file", file)
    user.press("Look at it first")
    user.press("Bring them in", timeout=60_000)
    expect(page.get_by_text("501 new people")).to_be_visible(timeout=60_000)
    user.fill("In your words", "be known to trial funders")
    user.press(re.compile("^Knowing whom"))
    expect(page.get_by_text("1 touches this need")).to_be_visible()
    user.done.append("press the key y")
    page.keyboard.press("y")
    user.press("Keep these, and see the shortlist")
    user.press("Shortlist Julie Hart")
    user.press("Draft the first e-mail")
    user.fill("What you noticed about their work", "Your talk in Leeds changed how I plan my week.")
    user.fill("Why them", "you have read more applications than anyone I know")
    user.fill("What you’d like to ask about", "how panels decide")
    user.fill("A sentence about you", "I run trials in Leeds.")
    preview = page.locator("#preview")
    expect(preview.locator(".obstacles")).to_have_count(0)
    expect(preview).to_contain_text("Dear Julie")
    expect(preview.get_by_role("link", name="Open in your mail program")).to_be_visible()
    print(user.told())  # noqa: T201 - the steps, for whoever wonders which one could go
    assert len(user.done) <= AT_MOST, user.told()
    assert faults == []
