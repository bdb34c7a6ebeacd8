"""User-facing text uses curly apostrophes and quotation marks: ’ and “ ”, never ' and "."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix in {".html", ".txt"})
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
# The texts of these files appear in terminals and logs, where straight quotes are safer.
FOR_TERMINALS = {"env.py", "filesystem_broker.py", "health.py", "supervisor.py", "up.py"}
SOURCES = [
    path
    for app in settings.OWN_APPS
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts and path.name not in FOR_TERMINALS
]

# Between letters, after a plural (readers' words), or before an s that follows a placeholder.
STRAIGHT = re.compile(r"(?<=\w)'(?=\w)|(?<=s)'(?= )|^'(?=s\b)")
COMMENT = r"\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}|<!--.*?-->"
CODE = r"\{%.*?%\}|\{\{.*?\}\}"
TAG = rf"<[a-zA-Z/!](?:'[^']*'|{CODE}|[^<>])*>"
READ_ATTRIBUTE = re.compile(r'(?:title|aria-label|placeholder|alt)="([^"]*)"')


def wrong_in(words: str) -> bool:
    return bool(STRAIGHT.search(words) or '"' in words)


def read_of_template(source: str) -> Iterator[str]:
    """The user-facing text of a template: text between tags, some attributes, and string arguments of template tags."""
    bare = re.sub(COMMENT, "", source, flags=re.DOTALL)
    for tag in re.findall(TAG, bare, flags=re.DOTALL):
        yield from (re.sub(CODE, "", words) for words in READ_ATTRIBUTE.findall(tag))
    for code in re.findall(CODE, bare, flags=re.DOTALL):
        yield from (words for words in re.findall(r'"([^"]*)"', code) if " " in words)
    yield from re.split(CODE, re.sub(TAG, "{{ }}", bare, flags=re.DOTALL))


def read_of_python(source: str) -> Iterator[str]:
    """Strings with a space, except docstrings, patterns, lists of phrases, headers, and help texts of model fields."""
    tree = ast.parse(source)
    unread: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            unread.add(id(node.value))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("models."):
            unread |= {id(word.value) for word in node.keywords if word.arg == "help_text"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unread:
            words = node.value
            if " " in words and not re.search(r"\n    |\(\?|<\w|filename=", words):
                yield words


def read_of_script(source: str) -> Iterator[str]:
    code = re.sub(r"^\s*//.*$|\$\{.*?\}", "", source, flags=re.MULTILINE)
    for words in re.findall(r'"([^"\n]*)"|`([^`]*)`', code):
        yield from (one for one in words if " " in one and "<" not in one and "[" not in one)


def straight_in(paths: list[Path], read: Callable[[str], Iterator[str]]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {words}"
        for path in paths
        for words in read(path.read_text(encoding="utf-8"))
        if wrong_in(words)
    ]


def test_words_in_templates_have_curly_signs() -> None:
    assert straight_in(TEMPLATES, read_of_template) == []


def test_words_in_python_have_curly_signs() -> None:
    assert straight_in(SOURCES, read_of_python) == []


def test_words_in_scripts_have_curly_signs() -> None:
    assert straight_in(SCRIPTS, read_of_script) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>It's on.</p>",
        "{{ name }}'s page",
        "<b>Bob</b>'s page",
        '<p title="Don\'t">x</p>',
        '{% include "x" with words="You can\'t, yet" %}',
        'They said "no".',
        "the readers' words",
    ],
)
def test_a_straight_sign_in_a_template_would_be_noticed(source: str) -> None:
    assert any(wrong_in(words) for words in read_of_template(source))


def test_code_in_a_template_is_let_be() -> None:
    source = """{# it's #}{% url 'x' %}<p class="a" hx-vals='{"a": 1}' data-x="{{ y|date:'c' }}">{{ z }}</p>"""
    assert not any(wrong_in(words) for words in read_of_template(source))


@pytest.mark.parametrize(
    "source", ['say("It isn\'t so.")', 'say(f"This is {name}\'s page")', "say('They said \"no\" to it')"]
)
def test_a_straight_sign_in_python_would_be_noticed(source: str) -> None:
    assert any(wrong_in(words) for words in read_of_python(source))
