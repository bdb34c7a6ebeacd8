"""The scores follow the table of Mozilla's HTTP Observatory."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from tests.observatory import modifiers, redirection, score

STRICT = "default-src 'none'; script-src 'self'; form-action 'self'; frame-ancestors 'none'"
GOOD = {
    "Content-Security-Policy": STRICT,
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def answer(content: str = "", **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(content, headers={**GOOD, **named})


def test_a_bare_answer_fails_and_a_good_one_has_its_bonuses() -> None:
    assert score(HttpResponse()) == 100 - 25 - 20 - 5 - 20
    assert score(answer()) == 100 + 10 + 5 + 5 + 10
    # A bonus counts only where little is wrong.
    assert score(answer(Strict_Transport_Security="")) == 80


@pytest.mark.parametrize(
    ("headers", "test", "points"),
    [
        ({"Content_Security_Policy": "default-src 'self'"}, "content-security-policy", 5),
        ({"Content_Security_Policy": "default-src 'none'; style-src 'unsafe-inline'"}, "content-security-policy", 0),
        ({"Content_Security_Policy": "script-src 'self'"}, "content-security-policy", -20),
        ({"Content_Security_Policy": "default-src 'none'; script-src 'unsafe-inline'"}, "content-security-policy", -20),
        ({"Content_Security_Policy": "default-src 'none'; script-src 'unsafe-eval'"}, "content-security-policy", -10),
        ({"Content_Security_Policy": "default-src 'none'; img-src http:"}, "content-security-policy", -10),
        ({"Content_Security_Policy": "default-src 'none'; font-src http://x"}, "content-security-policy", -20),
        ({"Content_Security_Policy": "default-src 'none'"}, "x-frame-options", 0),
        ({"Content_Security_Policy": "default-src 'none'", "X_Frame_Options": ""}, "x-frame-options", -20),
        ({"Referrer_Policy": "unsafe-url"}, "referrer-policy", -5),
        ({"Referrer_Policy": ""}, "referrer-policy", 0),
        ({"Strict_Transport_Security": "max-age=60"}, "strict-transport-security", -10),
        ({"X_Content_Type_Options": "no"}, "x-content-type-options", -5),
        ({"Cross_Origin_Resource_Policy": "cross-origin"}, "cross-origin-resource-policy", 0),
        ({"Cross_Origin_Resource_Policy": "everybody"}, "cross-origin-resource-policy", -5),
        ({"Access_Control_Allow_Origin": "*"}, "cross-origin-resource-sharing", 0),
        (
            {"Access_Control_Allow_Origin": "https://x", "Access_Control_Allow_Credentials": "true"},
            "cross-origin-resource-sharing",
            -50,
        ),
    ],
)
def test_a_header_has_its_points(headers: dict[str, str], test: str, points: int) -> None:
    assert modifiers(answer(**headers))[test] == points


@pytest.mark.parametrize(
    ("name", "options", "points"),
    [
        ("sessionid", {"secure": True, "httponly": True, "samesite": "Lax"}, 5),
        ("sessionid", {"secure": True, "httponly": True}, 0),
        ("sessionid", {"secure": True, "samesite": "Lax"}, -30),
        ("sessionid", {"httponly": True, "samesite": "Lax"}, -10),
        ("csrftoken", {"secure": True}, -20),
        ("other", {"samesite": "Lax"}, -5),
    ],
)
def test_a_cookie_has_its_points(name: str, options: dict[str, Any], points: int) -> None:
    response = answer()
    response.set_cookie(name, "x", **options)
    assert modifiers(response)["cookies"] == points


def test_a_session_without_secure_and_hsts_costs_most() -> None:
    response = answer(Strict_Transport_Security="")
    response.set_cookie("sessionid", "x", httponly=True)
    assert modifiers(response)["cookies"] == -40


@pytest.mark.parametrize(
    ("script", "points"),
    [
        ("", 0),
        ('<script src="/x.js"></script>', 0),
        ('<script src="/x.js" integrity="sha256-x"></script>', 5),
        ('<script src="https://x.example/x.js"></script>', -5),
        ('<script src="//x.example/x.js" integrity="sha256-x"></script>', -20),
        ('<script src="http://x.example/x.js"></script>', -50),
    ],
)
def test_a_script_has_its_points(script: str, points: int) -> None:
    assert modifiers(answer(script))["subresource-integrity"] == points


def test_http_should_lead_to_https_on_the_same_host() -> None:
    def leads_to(address: str) -> HttpResponse:
        return HttpResponse(status=301, headers={"Location": address})

    assert redirection(leads_to("https://m.example.org/x"), "m.example.org") == 0
    assert redirection(leads_to("https://other.example.org/x"), "m.example.org") == -5
    assert redirection(leads_to("http://m.example.org/x"), "m.example.org") == -20
    assert redirection(HttpResponse(), "m.example.org") == -20
