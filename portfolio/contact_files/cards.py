"""Reads people from vCards 2.1, 3.0 and 4.0: own code, because a library gives up on a card that this keeps.

See docs/decisions/0026-reading-contact-files.md. References: vCard 2.1 (IMC 1996), RFC 2426, RFC 6350.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from portfolio.contact_files.contact import Draft, Entry, Problem, has_letters, is_web_address, settle
from portfolio.contact_files.decoding import Line, TextLine, visible
from portfolio.contact_files.limits import EACH_LINE, LONGEST_RECORD

_BEGIN = re.compile(r"BEGIN\s*:\s*VCARD", re.IGNORECASE)
_END = re.compile(r"END\s*:\s*VCARD", re.IGNORECASE)
_MARK = re.compile(rb"\s*(?:BEGIN|END)\s*:\s*VCARD\s*", re.IGNORECASE)
# Files were put together of which one had no line end.
_MARKS = re.compile(rb"\s*END\s*:\s*VCARD\s*(?:\xef\xbb\xbf)?BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_AGENT = re.compile(r"(?:[\w-]+\.)?AGENT(?:;[^:]*)?:\s*(BEGIN\s*:\s*VCARD)?", re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(rb"[^:]*;\s*(?:ENCODING\s*=\s*)?\"?QUOTED-PRINTABLE\"?\s*[;:]", re.IGNORECASE)
_NAME = re.compile(r"(?:[\w-]+\.)*([A-Za-z0-9_-]+)")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_HEX_RUN = re.compile(r"(?:=[0-9A-Fa-f]{2})+")
_PIECE = re.compile(r"\\.|[^\\;,]+|[;,\\]", re.DOTALL)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|latin-?1|iso-?8859-\d+|windows-\d+|cp\d+|koi8-[ru]|shift[_-]?jis|euc-\w+|gb\w+|big5\w*"
    r"|iso-2022-\w+|macintosh|utf-16(?:[bl]e)?",
    re.IGNORECASE,
)
_BINARY = {"PHOTO", "LOGO", "SOUND", "KEY"}
_READ = {"FN", "N", "ORG", "TITLE", "EMAIL", "TEL", "URL", "X-SOCIALPROFILE", "NOTE", "CATEGORIES", "KIND"}
_READ |= {"X-ADDRESSBOOKSERVER-KIND", "X-ABSHOWAS"}
_MORE = {"BDAY", "ADR"}
_NOBODY = {"group", "location", "device"}


def unfolded(lines: Iterable[Line]) -> Iterator[Line]:
    """Properties as one line each, joined before decoding: folds fall inside of characters.

    A line that begins with a blank goes on with the one before; so does the next one after a soft break ("=" at the end
    of a quoted-printable value). BEGIN and END stand alone. What is longer than a record is cut.
    """
    number, parts, size = 0, list[bytes](), 0
    for line in lines:
        data = line.data.replace(b"\0", b"")
        if parts and (joined := _joined(parts, data)) is not None:
            if size <= LONGEST_RECORD:
                parts.append(joined)
                size += len(joined) + EACH_LINE
            continue
        if not data.strip():
            continue
        if parts:
            yield Line(number, b"".join(parts))
        if _MARKS.fullmatch(data):
            yield Line(line.number, b"END:VCARD")
            data = b"BEGIN:VCARD"
        number, parts, size = line.number, [data], len(data)
    if parts:
        yield Line(number, b"".join(parts))


def _joined(parts: list[bytes], data: bytes) -> bytes | None:
    """What this line adds to the property before it, of which a soft break is taken away; None if it begins another."""
    last = parts[-1].rstrip(b" \t") if parts[-1].endswith((b"=", b" ", b"\t")) else b""
    if last.endswith(b"=") and not _MARK.fullmatch(data) and not _MARKS.fullmatch(data) and _is_quoted_printable(parts):
        parts[-1] = last[:-1]
        return data[1:] if data[:1] in (b" ", b"\t") else data
    if data[:1] in (b" ", b"\t") and not (len(parts) == 1 and len(parts[0]) < 100 and _MARK.fullmatch(parts[0])):
        return data[1:]
    return None


def _is_quoted_printable(parts: list[bytes]) -> bool:
    start = parts[0] if b":" in parts[0] else b"".join(parts[:10])
    return bool(_QUOTED_PRINTABLE.match(start[:2_000]))


def read_cards(lines: Iterable[Line], encoding: str, *, more: bool = False) -> Iterator[Entry]:
    """The entries of the cards, with ``more`` with birthdays and postal addresses.

    Lines outside of any card are one problem, at the first of them.
    """
    wanted = _READ | _MORE if more else _READ
    card: _Card | None = None
    agents = 0  # cards of agents that are open inside of this one
    agent_follows = is_outside_told = False
    for line in unfolded(lines):
        text = visible(line.data.decode(encoding, "replace"))
        bare = text.strip() if len(text) < 100 else text
        is_after_agent, agent_follows = agent_follows, False
        if _BEGIN.fullmatch(bare):
            if card and is_after_agent:
                agents += 1
                continue
            if card:
                yield from card.entries(is_ended=False)
            card, agents = _Card(line.number, wanted), 0
        elif _END.fullmatch(bare) and card:
            if agents:
                agents -= 1
                continue
            yield from card.entries(is_ended=True)
            card = None
        elif card and (agent := _AGENT.fullmatch(bare)):
            agents += bool(agent[1])
            agent_follows = not agent[1]
        elif card and not agents:
            card.take(TextLine(line.number, text))
        elif not card and bare and not is_outside_told:
            is_outside_told = True
            yield Entry(line.number, None, (Problem(line.number, "lines outside any card"),))
    if card:
        yield from card.entries(is_ended=False)


@dataclass
class _Property:
    name: str
    value: str
    types: set[str] = field(default_factory=set)
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """0 for the preferred one, 1 for those marked so without a number."""
        return 0 if self.parameters.get("PREF") == "1" else 1 if "pref" in self.types else 2


class _Card:
    """One card while it is read. What it holds is bounded by the size of a record."""

    def __init__(self, line: int, wanted: set[str]) -> None:
        self.line, self._wanted = line, wanted
        self._properties: dict[str, list[_Property]] = {}
        self._alternatives: set[tuple[str, str]] = set()
        self._size = 0
        self._is_unreadable = self._is_too_long = self._in_binary = False

    def take(self, line: TextLine) -> None:
        head, colon, value = _split_head(line.text)
        name_part, *parameters = _outside_quotes(head, ";")
        named = _NAME.fullmatch(name_part.strip())
        if not colon or not named:
            # Some write a photo's lines without the blank in front.
            self._is_unreadable |= not (self._in_binary and _BASE64_LINE.fullmatch(line.text.strip()))
            return
        name = named[1].upper()
        self._in_binary = name in _BINARY
        if name not in self._wanted:
            return
        self._size += len(line.text) + 100
        if line.is_too_long or self._size > LONGEST_RECORD:
            self._is_too_long = True
            return
        one = _Property(name, value)
        _take_parameters(one, parameters)
        if alternative := one.parameters.get("ALTID"):
            if (name, alternative) in self._alternatives:
                return
            self._alternatives.add((name, alternative))
        one.value = visible(_decoded(one))
        self._properties.setdefault(name, []).append(one)

    def entries(self, *, is_ended: bool) -> Iterator[Entry]:
        kinds = {self._first("KIND").strip().lower(), self._first("X-ADDRESSBOOKSERVER-KIND").strip().lower()}
        if kinds & _NOBODY:
            return
        draft = self._draft()
        draft.is_company = "org" in kinds or self._first("X-ABSHOWAS").strip().upper() == "COMPANY"
        if not is_ended:
            draft.flaws.append("the card does not end")
        if self._is_too_long:
            draft.flaws.append("the card is too long; the rest was left out")
        if entry := settle(self.line, draft):
            yield entry

    def _draft(self) -> Draft:
        family, given, middle, prefix, *_ = [*_components(self._first("N", _is_filled), ";"), *[""] * 4]
        return Draft(
            full=_plain(self._first("FN", has_letters)),
            prefix=prefix,
            given=given,
            middle=middle,
            family=family,
            organisation=next(filter(str.strip, _components(self._first("ORG", _is_filled), ";")[:1]), ""),
            title=_plain(self._first("TITLE", has_letters)),
            emails=[(one.rank, _plain(one.value)) for one in self._all("EMAIL")],
            phones=[_plain(one.value) for one in self._all("TEL") if not one.types & {"fax", "pager"}],
            urls=[_plain(one.value) for one in self._all("URL")],
            profiles=[url for one in self._all("X-SOCIALPROFILE") if is_web_address(url := _plain(one.value).strip())],
            notes="\n".join(filter(None, (_plain(one.value).strip() for one in self._all("NOTE")))),
            tags=[tag for one in self._all("CATEGORIES") for tag in _components(one.value, ",")],
            birthday=_plain(self._first("BDAY")),
            postal=["\n".join(_components(one.value, ";")) for one in self._all("ADR")],
            full_first=True,
            unreadable=self._is_unreadable,
        )

    def _all(self, name: str) -> list[_Property]:
        return self._properties.get(name, [])

    def _first(self, name: str, is_filled: Callable[[str], bool] = bool) -> str:
        return next((one.value for one in self._all(name) if is_filled(one.value)), "")


def _is_filled(structured: str) -> bool:
    return bool(structured.strip("; \t"))


def _split_head(text: str) -> tuple[str, str, str]:
    """(name and parameters, ":", value), at the first colon that is not between quotation marks."""
    head, colon, value = text.partition(":")
    if '"' not in head or head.count('"') % 2 == 0:
        return head, colon, value
    within = False
    for at, letter in enumerate(text[:10_000]):
        if letter == '"':
            within = not within
        elif letter == ":" and not within:
            return text[:at], ":", text[at + 1 :]
    return head, colon, value  # a mark that is never closed


def _outside_quotes(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    return [piece.strip(separator) for piece in re.findall(rf'(?:"[^"]*"|[^{separator}"]|")+|(?<={separator})', text)]


def _take_parameters(one: _Property, parameters: list[str]) -> None:
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        key, value = key.strip().upper(), value.strip().strip('"')
        if not equals and key in {"QUOTED-PRINTABLE", "BASE64"}:
            one.parameters["ENCODING"] = key
        elif not equals:
            one.types.add(key.lower())  # 2.1 leaves "TYPE=" out
        elif key == "TYPE":
            one.types |= {word.strip().strip('"').lower() for word in value.split(",")}
        else:
            one.parameters.setdefault(key, value)


def _decoded(one: _Property) -> str:
    encoding = one.parameters.get("ENCODING", "").upper()
    charset = one.parameters.get("CHARSET", "").strip()
    if encoding == "QUOTED-PRINTABLE":
        value = one.value.rstrip(" \t").removesuffix("=")  # a soft break that nothing follows
        if value.isascii():
            return _text(_HEX.sub(lambda pair: bytes.fromhex(pair[1].decode()), value.encode()), charset)
        return _HEX_RUN.sub(lambda run: _text(bytes.fromhex(run[0].replace("=", "")), charset), value)
    if encoding in {"B", "BASE64"}:
        try:
            return _text(base64.b64decode("".join(one.value.split()), validate=True), charset)
        except (binascii.Error, ValueError):
            return one.value
    return one.value


def _text(data: bytes, charset: str) -> str:
    for encoding in (charset if _CHARSET.fullmatch(charset) else "", "utf-8"):
        try:
            if encoding:
                return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            pass
    return data.decode("cp1252", "replace")


def _components(text: str, separator: str) -> list[str]:
    r"""The parts between the separators that are not escaped, each without its escapes."""
    found = [list[str]()]
    for match in _PIECE.finditer(text):
        if match[0] == separator:
            found.append([])
        else:
            found[-1].append(match[0])
    return [_plain("".join(pieces)) for pieces in found]


def _plain(text: str) -> str:
    r"""Without escapes: "\n" is a line end, any other letter itself."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], text, flags=re.DOTALL)
