"""The lines of a body, and how deep each is quoted: of plain text (also format=flowed, RFC 3676) and of HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from mail.incoming.limits import LONGEST_WORDS
from mail.incoming.message import Part

_QUOTED = re.compile(r"[ \t]{0,3}(>(?:[ \t]?>)*)[ \t]?")
_QUOTED_FLOWED = re.compile("(>+) ?")  # RFC 3676 §4.5; behind a blank, a mark is one that was typed
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[\xa0\u2007\u202f]")  # all of them blanks that hold words together
_INVISIBLE = " \t\ufeff\u200b\u200e\u200f\u2060"
SIGNATURE = "-- "


class Line(NamedTuple):
    """``text`` is what stands behind the quoting marks."""

    depth: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip(_INVISIBLE)


def lines_of(part: Part) -> list[Line]:
    """The lines of the words in a mail: of text/plain, unless it is empty, else of HTML."""
    return _words(part, is_root=True).lines


class _Found(NamedTuple):
    plain: bool  # or made of HTML
    lines: list[Line]

    @property
    def empty(self) -> bool:
        return all(line.blank for line in self.lines)


_NOTHING = _Found(False, [])


def _words(part: Part, *, is_root: bool = False) -> _Found:
    if part.get_content_maintype() == "multipart" and part.parts:
        inside = [found for child in part.parts for found in [_words(child)] if not found.empty]
        if not inside:
            return _NOTHING
        plain = [found for found in inside if found.plain]
        # What stands beside plain text as HTML is the same once more, or nobody's words.
        chosen = plain or inside
        if part.type in {"multipart/alternative", "multipart/related"}:
            chosen = chosen[:1]
        return _Found(True, [line for found in chosen for line in found.lines])
    if not is_root and (part.disposition == "attachment" or part.filename):
        return _NOTHING
    if part.type == "text/html":
        return _Found(False, list(lines_of_html(part.text[:LONGEST_WORDS])))
    if part.type in {"text/plain", "text/enriched", "text/richtext"} or part.get_content_maintype() == "multipart":
        flowed = part.parameter("format").lower() == "flowed"
        lines = list(lines_of_text(part.text[:LONGEST_WORDS], _QUOTED_FLOWED if flowed else _QUOTED))
        return _Found(True, list(_joined(lines, part.parameter("delsp").lower() == "yes")) if flowed else lines)
    return _NOTHING


def lines_of_text(text: str, quoted: re.Pattern[str] = _QUOTED) -> Iterator[Line]:
    for line in _tidied(text).split("\n"):
        marks = quoted.match(line)
        yield Line(marks[1].count(">"), line[marks.end() :]) if marks else Line(0, line)


def _tidied(text: str) -> str:
    return _BLANKS.sub(" ", _BREAKS.sub("\n", text)).replace("\0", "")


def _joined(lines: list[Line], delete_space: bool) -> Iterator[Line]:
    """Lines that a mail program broke softly are one again (RFC 3676 §4.2), without the blank that was stuffed in."""
    depth, pieces = 0, list[str]()
    for line in lines:
        text = line.text
        if not line.depth:
            text = text.removeprefix(" ")
        if pieces and (line.depth != depth or text == SIGNATURE):
            yield Line(depth, "".join(pieces))
            pieces = []
        depth = line.depth
        if text.endswith(" ") and text != SIGNATURE:
            pieces.append(text[:-1] if delete_space else text)
        else:
            yield Line(depth, "".join([*pieces, text]))
            pieces = []
    if pieces:
        yield Line(depth, "".join(pieces))


# --- HTML -------------------------------------------------------------------------------------------

_MARKUP = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})|<[!?/]|[\"'>]")
_PASSED_OVER = {"head", "style", "script", "title", "template", "object", "svg", "select", "textarea"}
_LINES = set(
    re.findall(
        r"\w+",
        "address article aside br caption center dd div dl dt fieldset figure footer form header hr li main nav option"
        " section table tbody tr",
    )
)
_PARAGRAPHS = {"p", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
# Word gives every line a paragraph of its own, without a margin.
_NO_MARGIN = re.compile(r"""\bclass\s*=\s*["']?mso|\bmargin\s*:[\s0a-z.]*(?:[;"']|$)""", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\r\n\f]+")


class _Tag(NamedTuple):
    closes: bool
    name: str
    attributes: str


def _pieces(source: str) -> Iterator[str | _Tag]:
    """
    Text and tags, in their order; comments and declarations are left out. Each letter is looked at once: the standard
    library's parser takes the square of what is never closed.
    """
    position, without_end = 0, set[str]()
    while position < len(source):
        found = _next_markup(source, position)
        if not found:
            yield source[position:]
            return
        if found.start() > position:
            yield source[position : found.start()]
        if found[0] == "<!--":
            position = _after(source, "-->", found.end(), without_end)
        elif not found[2]:
            position = _after(source, ">", found.end(), without_end)
        else:
            end = _end_of_tag(source, found.end(), without_end)
            yield _Tag(bool(found[1]), found[2].lower(), source[found.end() : end][:2000])
            position = end + 1


def _next_markup(source: str, position: int) -> re.Match[str] | None:
    while found := _MARKUP.search(source, position):
        if found[0].startswith("<"):
            return found
        position = found.end()
    return None


def _after(source: str, mark: str, position: int, without_end: set[str]) -> int:
    """Behind the next ``mark``; what is never closed is text. That it never comes again is asked once."""
    found = -1 if mark in without_end else source.find(mark, position)
    if found < 0:
        without_end.add(mark)
        return position
    return found + len(mark)


def _end_of_tag(source: str, position: int, without_end: set[str]) -> int:
    """Where the ``>`` of a tag stands; one in quotation marks is none, unless those are never closed."""
    while found := _MARKUP.search(source, position):
        mark = found[0]
        if mark == ">":
            return found.start()
        position = found.end()
        if mark in "\"'":
            position = _after(source, mark, position, without_end)
    return len(source)


class _Writer:
    """Lines as a browser would show them, roughly: what a tag means for where lines end and what is quoted."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.depth = 0
        self.text: list[str] = []
        self.passed_over = ""
        self.preformatted = 0
        self.paragraph_due = False
        self.margins: list[bool] = []

    def read(self, piece: str | _Tag) -> None:
        if isinstance(piece, str):
            if not self.passed_over:
                self._write(piece)
        elif self.passed_over:
            if piece.name == (self.passed_over if piece.closes else "body"):
                self.passed_over = ""
        elif piece.name in _PASSED_OVER:
            self.passed_over = "" if piece.closes else piece.name
        else:
            self._structure(piece)

    def _structure(self, tag: _Tag) -> None:
        if tag.name == "br":
            self.end_line(always=True)
        elif tag.name == "blockquote":
            self.end_line()
            self.depth = max(0, self.depth + (-1 if tag.closes else 1))
        elif tag.name in _PARAGRAPHS:
            self._paragraph(tag)
        elif tag.name in _LINES:
            self.end_line()
            if tag.name == "li" and not tag.closes:
                self.text.append("- ")
        elif tag.name in {"td", "th"} and self.text:
            self.text.append(" ")

    def _paragraph(self, tag: _Tag) -> None:
        self.end_line()
        if tag.name == "pre":
            self.preformatted = max(0, self.preformatted + (-1 if tag.closes else 1))
        if not _NO_MARGIN.search(tag.attributes) and not (tag.closes and self.margins and not self.margins[-1]):
            self.paragraph_due = bool(self.lines)
        if tag.name == "p":
            self.margins = [] if tag.closes else [not _NO_MARGIN.search(tag.attributes)]

    def _write(self, piece: str) -> None:
        text = html.unescape(piece)
        if self.preformatted:
            first, *others = _tidied(text).split("\n")
            self._add(first)
            for line in others:
                self.end_line(always=True)
                self._add(line)
            return
        text = _WHITE.sub(" ", text)
        if text.startswith(" ") and (not self.text or self.text[-1].endswith(" ")):
            text = text[1:]
        self._add(_tidied(text))

    def _add(self, text: str) -> None:
        if text:
            if self.paragraph_due:
                self.lines.append(Line(self.depth, ""))
                self.paragraph_due = False
            self.text.append(text)

    def end_line(self, *, always: bool = False) -> None:
        if self.text or always:
            self.lines.append(Line(self.depth, "".join(self.text)))
            self.text = []


def lines_of_html(source: str) -> Iterator[Line]:
    writer = _Writer()
    for piece in _pieces(source):
        writer.read(piece)
    writer.end_line()
    for line in writer.lines:
        if line.depth:
            yield line
        else:
            yield from lines_of_text(line.text)  # a mark that was typed quotes here, too
