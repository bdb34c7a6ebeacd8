"""Choosing a password in a real browser: the word below the field, pasting, and the same without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Open

REFUSED = "Weak. Much of it is your name. Choose words that have nothing to do with you or with us."


def asked(page: Page) -> list[str]:
    """The bodies sent to the judge from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/account/password/strength/"):
            sent.append(request.post_data or "")

    page.on("request", note)
    return sent


def test_the_word_comes_when_typing_rests_and_is_spoken(open_page: Open, faults: list[str]) -> None:
    page = open_page()
    sent = asked(page)
    page.goto("/account/signup/")
    page.get_by_label("Your name").fill("Dana Reed")
    field, word = page.get_by_label("Password"), page.get_by_role("status").and_(page.locator(".strength"))
    field.press_sequentially("dana reed")
    expect(word).to_have_text("Too short. 3 more characters to go.")
    assert sent == []  # nothing leaves the browser before it is long enough
    field.press_sequentially(" reed dana")
    expect(word).to_have_text(REFUSED)
    field.fill("")
    expect(word).to_be_empty()
    field.focus()
    page.keyboard.insert_text("seven herons at dusk")  # as pasting does, in one go
    expect(word).to_have_text("Strong.")
    assert len(sent) == 2
    assert faults == []


def test_the_form_answers_with_the_same_word(open_page: Open, faults: list[str]) -> None:
    for options in ({}, {"java_script_enabled": False}):
        page = open_page(**options)
        page.goto("/account/signup/")
        page.get_by_label("Your name").fill("Dana Reed")
        page.get_by_label("mail").fill("unheard.of@example.org")
        page.get_by_label("Password").fill("dana reed 1987")
        page.get_by_role("button", name="Create my account").click()
        expect(page.locator(".field-error")).to_contain_text(REFUSED)
        expect(page.get_by_label("Your name")).to_have_value("Dana Reed")
    assert faults == []


def test_a_word_that_comes_while_the_button_is_pressed_moves_nothing_away(open_page: Open, faults: list[str]) -> None:
    page = open_page()
    page.goto("/account/signup/")
    page.get_by_label("Your name").fill("Dana Reed")
    page.get_by_label("mail").fill("unheard.of@example.org")
    page.get_by_label("Password").press_sequentially("dana reed 1987")
    button = page.get_by_role("button", name="Create my account")
    button.hover()
    with page.expect_response("**/account/password/strength/"):
        page.mouse.down()  # the field loses the focus, and is asked about
    before = button.bounding_box()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert button.bounding_box() == before
    page.mouse.up()
    expect(page.locator(".field-error")).to_contain_text(REFUSED)
    assert faults == []


def test_what_is_pasted_arrives_whole(open_page: Open, faults: list[str]) -> None:
    page = open_page("empty")
    page.goto("/account/password/change/")
    long = "seven herons at dusk, " * 10
    for label in ("New password", "The same once more"):
        field = page.get_by_label(label)
        field.evaluate(
            """(field, text) => {
              field.focus();
              const data = new DataTransfer();
              data.setData("text/plain", text);
              const paste = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
              if (field.dispatchEvent(paste)) document.execCommand("insertText", false, text);
            }""",
            long,
        )
        expect(field).to_have_value(long)
    expect(page.locator(".strength")).to_have_text("Strong.")
    assert faults == []
