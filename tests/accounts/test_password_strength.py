"""Which passwords are accepted, the word for each, and what is said about one that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts import password_strength
from accounts.models import User
from accounts.password_strength import LEAST, MOST, judge
from tests.factories import make_user
from tests.outbox import outbox

ROOT = Path(__file__).resolve().parent.parent.parent
FFION = User(
    name="Dr Ffion Märsh-Jones",
    email="ffion.mj@calder.example.org",
    organisation="Valley Hospitals NHS Foundation Trust",
)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("seven herons at dusk", "Strong"),
        ("correcthorsebatterystaple", "Strong"),
        ("тёплый чайник на окне", "Strong"),
        ("x7#kQ2!mZp9w", "Good"),
        ("nothing here yet", "Good"),
        ("marsh flowers in november rain", "Strong"),  # much more than one's own name
    ],
)
def test_a_password_that_is_hard_to_guess_is_accepted(password: str, word: str) -> None:
    verdict = judge(password, FFION)
    assert (verdict.word, verdict.why, verdict.accepted) == (word, "", True)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("mentorfolio", "Too short. Use at least 12 characters."),
        ("x7#kQ2!mZp9", "Too short. Use at least 12 characters."),
        ("mentorfolio2026", "the name of this site"),
        ("M3nt0rf0li0-Mentorfolio", "the name of this site"),
        ("welcome to mentorfolio", "the name of this site"),
        ("ffion march 87", "your name"),
        ("Marsh-Jones-1987", "your name"),
        ("MarshJonesFfion", "your name"),
        ("senoj hsram noiff", "your name"),
        ("ffion.mj@calder.example.org", "your address"),
        ("my-calder-1987", "your address"),
        ("ffionn.mj@calderr.example", "your address"),
        ("valley-hospitals-nhs", "where you work"),
        ("ffyon-maersh-jonnes", "your name"),
        ("vally hospitls nhs fundation trst", "where you work"),
        ("Foundation Trust 1", "where you work"),
        ("password1234", "It is on the lists of common passwords"),
        ("1qaz2wsx3edc4rfv", "It is on the lists of common passwords"),
        ("aaaaaaaaaaaaaaaa", "It repeats itself"),
        ("你好世界你好世界你好世界", "It repeats itself"),
        ("abcdefghijklmnop", "It follows the alphabet or counts"),
        ("19870412 1987", "Most of it is a date"),
        ("Summer2026!!!", "It is made of common words or names"),
        ("P@ssw0rd1234!", "It is made of common words or names"),
        ("zse4rfvgy7ujm", "next to each other on the keyboard"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_and_told_why(password: str, said: str) -> None:
    with pytest.raises(ValidationError) as told:
        validate_password(password, FFION)
    (message,) = told.value.messages
    assert said in message
    assert message.endswith(("characters.", "belong together.", "with you or with us."))
    assert password not in message


def test_the_words_are_those_of_the_user_alone() -> None:
    assert judge("marsh-jones-1987").accepted
    assert judge("marsh-jones-1987", User(name="Dana Dell")).accepted
    assert not judge("marsh-jones-1987", FFION).accepted
    assert judge("marsh-jones-1987").accepted  # and nothing of her is left for the next


def test_every_common_password_of_djangos_list_is_refused() -> None:
    common = [word for word in CommonPasswordValidator().passwords if len(word) >= LEAST]
    assert len(common) > 50
    assert [word for word in common if judge(f" {word.upper()}").accepted] == []


def test_no_kind_of_character_is_asked_for() -> None:
    for password in ("seven herons at dusk", "SEVEN HERONS AT DUSK", "sevenheronsatdusk", "7305 9184 2256 0391 77"):
        assert judge(password).accepted


@pytest.mark.parametrize("length", [MOST + 1, 1_000, 1_000_000])
def test_a_password_of_any_length_is_answered_at_once(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def estimate(*args: Any, **more: Any) -> Any:
        raise AssertionError("estimated, though too long")

    monkeypatch.setattr(password_strength, "zxcvbn", estimate)
    assert judge("aB3$" * (length // 4 + 1)).why == "Use at most 256 characters."


def test_the_longest_password_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    estimate = password_strength.zxcvbn
    monkeypatch.setattr(
        password_strength, "zxcvbn", lambda text, *a, **more: given.append(text) or estimate(text, *a, **more)
    )
    assert judge(("seven herons at dusk, " * 20)[:MOST]).accepted
    assert [len(text) for text in given] == [password_strength.ESTIMATED]


def test_symbols_that_read_as_many_letters_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in readings, not on the clock: zxcvbn looks each of them up in every dictionary."""
    from zxcvbn import matching

    readings: list[int] = []
    enumerate_subs = matching.enumerate_l33t_subs

    def counted(table: Any) -> Any:
        found = enumerate_subs(table)
        readings.append(len(found))
        return found

    monkeypatch.setattr(matching, "enumerate_l33t_subs", counted)
    judge("4@8({[<369&#!1/|0$5+7%2" * 5)
    assert max(readings) <= 64


def test_the_estimator_is_asked_by_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """zxcvbn keeps the words about a person in a global: between setting and reading them, no other may set theirs."""
    held: list[bool] = []
    estimate = password_strength.zxcvbn

    def watched(*args: Any, **more: Any) -> Any:
        held.append(password_strength._one_at_a_time.locked())
        return estimate(*args, **more)

    monkeypatch.setattr(password_strength, "zxcvbn", watched)
    judge("seven herons at dusk")
    assert held == [True]
    assert not password_strength._one_at_a_time.locked()


@given(password=st.text(max_size=60), name=st.text(max_size=40), email=st.text(max_size=40))
def test_any_text_gets_a_word(password: str, name: str, email: str) -> None:
    verdict = judge(password, User(name=name, email=email))
    assert verdict.word in {"Too short", "Weak", "Good", "Strong"}
    assert verdict.accepted == (verdict.word in {"Good", "Strong"})


# --- In the forms ---------------------------------------------------------------------------------


def errors(answer: Any) -> list[str]:
    return list(answer.context["form"].errors.get("password1", []))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("dell-dana-dell-8", "your name"),
        ("zebra.lamp@example", "your address"),
        ("short", "12"),
    ],
)
def test_signing_up_counts_the_name_and_address_in_the_same_form(client: Client, password: str, said: str) -> None:
    data = {"name": "Dana Dell", "email": "zebra.lamp@example.org", "password1": password}
    answer = client.post("/account/signup/", data)
    (message,) = errors(answer)
    assert said in message
    assert 'value="Dana Dell"' in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_signing_up_answers_with_the_word_that_was_shown_while_typing(client: Client) -> None:
    typed = {"name": "Dana Reed", "email": "dana@example.org"}
    (said,) = errors(client.post("/account/signup/", {**typed, "password1": "dana reed 1987"}))
    shown = client.post("/account/password/strength/", {**typed, "password": "dana reed 1987"}).json()
    assert said == f"{shown['word']}. {shown['why']}"
    assert "your name" in said


def test_changing_the_password_counts_all_that_is_known(alice: User, alice_client: Client) -> None:
    User.objects.update(organisation="Brambleside Infirmary")
    weak = {"oldpassword": "correct horse battery", "password1": "brambleside 1987", "password2": "brambleside 1987"}
    answer = alice_client.post("/account/password/change/", weak)
    assert errors(answer) == [
        "Weak. Much of it is where you work. Choose words that have nothing to do with you or with us."
    ]
    alice.refresh_from_db()
    assert alice.check_password("correct horse battery")


def test_setting_a_first_password_counts_all_that_is_known(alice: User) -> None:
    alice.set_unusable_password()
    alice.save(update_fields=["password"])
    client = Client()
    client.force_login(alice)
    answer = client.post("/account/password/set/", {"password1": "alice ashe 1987", "password2": "alice ashe 1987"})
    assert "your name" in errors(answer)[0]


def test_a_reset_counts_all_that_is_known(client: Client, alice: User) -> None:
    client.post("/account/password/reset/", {"email": alice.email})
    link = next(word for word in outbox()[0].body.split() if "/reset/key/" in word)
    form = client.get(link, follow=True)
    path = form.request["PATH_INFO"]
    answer = client.post(path, {"password1": "alice ashe 1987", "password2": "alice ashe 1987"})
    assert "your name" in errors(answer)[0]


@pytest.mark.django_db
def test_a_password_from_before_still_signs_in(client: Client) -> None:
    user = make_user("dana@example.org")
    user.set_password("dana")
    user.save(update_fields=["password"])
    assert client.post("/account/login/", {"login": user.email, "password": "dana"}).url == "/today/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/account/signup/", "/account/password/change/"])
def test_the_field_says_what_is_wanted(alice_client: Client, client: Client, address: str) -> None:
    page = (client if "signup" in address else alice_client).get(address).content.decode()
    assert "At least 12 characters." in page
    assert 'minlength="12"' in page
    assert 'data-strength="/account/password/strength/"' in page
    assert "js/password-strength.js" in page
    assert 'autocomplete="new-password"' in page
    assert "maxlength" not in page.partition('name="password1"')[2].partition(">")[0]  # it would cut off what is pasted


def test_nothing_keeps_a_password_from_being_pasted() -> None:
    forbidden = (
        "onpaste",
        "oncopy",
        "ondrop",
        "onbeforeinput",
        "'paste'",
        '"paste",',
        "'beforeinput'",
        '"beforeinput"',
    )
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").glob("*.js")]
    assert len(files) > 50
    assert [file.name for file in files if any(word in file.read_text(encoding="utf-8") for word in forbidden)] == []


def test_ours_is_the_only_judge() -> None:
    assert [one["NAME"] for one in settings.AUTH_PASSWORD_VALIDATORS] == [
        "accounts.password_strength.StrengthValidator"
    ]
