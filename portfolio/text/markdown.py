"""Converts private notes from Markdown to a small safe set of HTML.

Raw HTML is escaped, images become links (so that reading notes fetches nothing from other sites), headings start below
the page's own, and a text that would be slow to parse is shown as plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

LONGEST = 60_000  # most characters to parse as Markdown; notes have at most 50,000
MOST_LINES = 2_000
MOST_MARKS = 3_000  # most markup characters, because the worst-case time grows faster than linearly with them
MARKS = "[]*_`<&"
SMALLEST_HEADING = 6
BELOW = 2  # a note's top heading is an h3, because its section has an h2
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "a", "h3", "h4", "h5", "h6"}


def to_html(text: str) -> SafeString:
    """Safe HTML of a note. Line breaks are kept, as in an e-mail."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(text) > LONGEST or text.count("\n") > MOST_LINES or sum(map(text.count, MARKS)) > MOST_MARKS:
        return _as_typed(text)
    clean = nh3.clean(
        _reader.render(text),
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308 - sanitised above


def _as_typed(text: str) -> SafeString:
    """Plain text with only paragraphs and line breaks."""
    parts = (part.strip().replace("\n", "<br>") for part in escape(text).replace("\r\n", "\n").split("\n\n"))
    return mark_safe("".join(f"<p>{part}</p>" for part in parts if part))  # noqa: S308 - escaped above


class _Renderer(RendererHTML):
    """Renders headings at a lower level, and images as links."""

    def heading_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return f"<{_lower(tokens[at].tag)}>"

    def heading_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return f"</{_lower(tokens[at].tag)}>\n"

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        source = str(tokens[at].attrGet("src") or "")
        words = escape(tokens[at].content or source)
        within = [token.nesting for token in tokens[:at] if token.tag == "a"]
        return words if sum(within) else f'<a href="{escape(source)}">{words}</a>'


def _lower(tag: str) -> str:
    return f"h{min(int(tag[1]) + BELOW, SMALLEST_HEADING)}"


# References ("[a]: URL", then "[a]" a thousand times) could turn a short text into megabytes of HTML.
_reader = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}, renderer_cls=_Renderer).disable(
    "reference"
)
