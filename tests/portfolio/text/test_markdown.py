from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from portfolio.text.markdown import LONGEST, MOST_LINES, MOST_MARKS, TAGS, to_html

SCHEMES = ("http:", "https:", "mailto:", "tel:")


class Seen(HTMLParser):
    """Collects every tag, attribute and URL of an HTML fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.rels: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        if tag == "a":
            self.links += [value or "" for name, value in attrs if name == "href"]
            self.rels += [value or "" for name, value in attrs if name == "rel"]


def is_safe(html: str) -> bool:
    seen = Seen(html)
    return (
        seen.tags <= TAGS
        and seen.attributes <= {("a", "href"), ("a", "rel"), ("a", "title"), ("ol", "start")}
        and all(rel == "noopener noreferrer nofollow" for rel in seen.rels)
        and all(not re.match(r"\s*[\w+.-]+:", link) or link.lower().startswith(SCHEMES) for link in seen.links)
    )


def test_notes_read_as_one_would_expect() -> None:
    html = to_html(
        "# Why\n\nShe is **kind** and *quick*.\nNext line\n\n- panels\n- grants\n\n3. three\n\n> said\n\n`code`"
    )
    assert html.split("\n") == [
        "<h3>Why</h3>",
        "<p>She is <strong>kind</strong> and <em>quick</em>.<br>",
        "Next line</p>",
        "<ul>",
        "<li>panels</li>",
        "<li>grants</li>",
        "</ul>",
        '<ol start="3">',
        "<li>three</li>",
        "</ol>",
        "<blockquote>",
        "<p>said</p>",
        "</blockquote>",
        "<p><code>code</code></p>",
        "",
    ]


@pytest.mark.parametrize(
    ("hashes", "tag"), [("#", "h3"), ("##", "h4"), ("###", "h5"), ("####", "h6"), ("######", "h6")]
)
def test_headings_stand_below_those_of_the_page(hashes: str, tag: str) -> None:
    assert to_html(f"{hashes} Words") == f"<{tag}>Words</{tag}>\n"
    assert "<h1" not in to_html("Words\n=====")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("[a](https://example.org/x?y=1&z=2)", "https://example.org/x?y=1&z=2"),
        ("<https://example.org>", "https://example.org"),
        ("<bob@example.org>", "mailto:bob@example.org"),
        ("![a face](https://example.org/face.png)", "https://example.org/face.png"),
        ("[x](tel:+44123)", "tel:+44123"),
    ],
)
def test_links_and_pictures_become_links_that_tell_nothing(text: str, link: str) -> None:
    seen = Seen(to_html(text))
    assert (seen.links, seen.rels) == ([link], ["noopener noreferrer nofollow"])
    assert "img" not in seen.tags


def test_a_picture_in_a_link_leaves_no_link_without_words() -> None:
    assert to_html("[![face](a.png)](/people/)") == (
        '<p><a href="/people/" rel="noopener noreferrer nofollow">face</a></p>\n'
    )


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://tracker.example/p.gif)",
    "![x](data:image/svg+xml;base64,AAAA)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:x)",
    "[x](data:text/html,<script>1</script>)",
    "[x](file:///etc/passwd)",
    '[x](https://example.org "onclick=alert(1)")',
    '[x](https://example.org/"onmouseover="alert(1))',
    "<javascript:alert(1)>",
    "<a href='javascript:1'>x</a>",
    "<style>*{display:none}</style>",
    "<iframe src=//example.org></iframe>",
    "<svg/onload=alert(1)>",
    "<math><mtext></p><img src=x onerror=1>",
    "```<script>\nalert(1)\n```",
    "```\n</code></pre><script>1</script>\n```",
    "[a]: https://example.org\n\n[a]",
    "<!-- --><b>x</b>",
    "a\0b<script>",
    "\u202e<script>\u202c",
    "{{ settings.SECRET_KEY }}{% load x %}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_only_text(text: str) -> None:
    html = to_html(text)
    assert is_safe(html), html
    assert not Seen(html).tags & {"script", "img", "iframe", "style", "svg"}


@given(st.text())
def test_any_text_gives_safe_html(text: str) -> None:
    assert is_safe(to_html(text))


@given(
    st.lists(st.sampled_from([*HOSTILE, "\n", " ", "[", "](", ")", "<", ">", "`", "*", "\n> ", "\n- ", "\\"])).map(
        "".join
    )
)
def test_any_mixture_of_hostile_text_gives_safe_html(text: str) -> None:
    assert is_safe(to_html(text))


SLOW = {
    "brackets": "[" * 60_000,
    "pictures": "![" * 30_000,
    "links": "[x](a" * 10_000,
    "emphasis": "*a_ " * 15_000,
    "quotes": "> " * 30_000,
    "nested quotes": "".join("> " * depth + "a\n" for depth in range(300)),
    "nested lists": "".join(" " * depth + "- a\n" for depth in range(300)),
    "list": "- a\n" * 250_000,
    "backslashes": "\\" * 60_000,
    "code": "".join("`" * i + " " for i in range(400)),
    "references": "[a]: " + "x" * 5_000 + "\n\n" + "[a]" * 5_000,
    "megabyte": "x" * 1_000_000,
    "blanks": " " * 1_000_000,
    "lines": "\n" * 1_000_000,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW.keys())
def test_no_text_takes_long_or_grows(text: str) -> None:
    started = time.process_time()
    html = to_html(text)
    assert time.process_time() - started < 5  # seconds; ten times as long as on an idle machine
    assert len(html) < 6 * len(text) + 100


@pytest.mark.parametrize(
    "text", ["a **b** " * (LONGEST // 8 + 1), "**b**\n" * (MOST_LINES + 1), "[b" * MOST_MARKS + "]"]
)
def test_what_is_too_much_to_read_is_shown_as_it_was_typed(text: str) -> None:
    html = to_html(f"{text}<i>\n\nlast & least")
    assert "<strong>" not in html
    assert "&lt;i&gt;" in html
    assert html.endswith("<p>last &amp; least</p>")


def test_filter_writes_it_into_a_page() -> None:
    page = Template("{% load notes %}{{ words|markdown }}").render(Context({"words": "*a* <b>"}))
    assert page == "<p><em>a</em> &lt;b&gt;</p>\n"
