"""The bytes are the same as Django's."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from mail.rendering import as_bytes

WORDS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=120)


@given(subject=WORDS, body=st.text(st.characters(blacklist_categories=["Cs"]), max_size=200), header=WORDS)
def test_headers_and_bodies_are_written_as_ever(subject: str, body: str, header: str) -> None:
    message = EmailMessage(subject, body, to=["Bob <bob@example.org>"], headers={"X-Words": header}).message()
    assert as_bytes(message) == message.as_bytes()


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "a",
        " a",
        "a ",
        "a  b",
        "a\tb",
        "ü",
        "a" * 69,
        "a" * 70,
        "a" * 71,
        "word " * 30,
        "=?utf-8?q?x?=",
        "\x00",
    ],
)
def test_a_short_header_is_only_taken_as_it_is_when_nothing_is_to_fold(header: str) -> None:
    message = EmailMessage("Hello", "Hello", to=["bob@example.org"], headers={"X-Word": header}).message()
    assert as_bytes(message) == message.as_bytes()


def test_parts_are_kept_apart_by_a_line_nobody_can_guess() -> None:
    message = EmailMultiAlternatives("Hello", "From here\n.\nGrüße", to=["bob@example.org"])
    message.attach_alternative("<p>Grüße</p>", "text/html")
    message.attach("notes.txt", "Notes", "text/plain")
    first, second = message.message(), message.message()
    assert as_bytes(first) == first.as_bytes()
    as_bytes(second)
    boundaries = [part.get_boundary() for whole in (first, second) for part in whole.walk() if part.is_multipart()]
    assert len(set(boundaries)) == len(boundaries) == 4
