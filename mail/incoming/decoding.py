"""From the bytes of a mail to text, whatever it claims about them (RFC 2045, 2047)."""

from __future__ import annotations

import binascii
import codecs
import quopri
import re

# Codecs of Python that no mail means and that take the square of what they read, or run on what is no text.
_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
_C1 = re.compile("[\x80-\x9f]")
_HALVES = re.compile("[\ud800-\udfff]")  # of surrogate pairs: UTF-7 lets them through, and no database takes them
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_NAME = re.compile(r"[\w.:+-]{1,40}", re.ASCII)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_ENCODED_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,20})?\?([bq])\?([^?]*)\?=", re.IGNORECASE)


def to_text(data: bytes, charset: str) -> str:
    """In the charset that is declared; where the bytes don't fit it, UTF-8 if they are valid, else Windows-1252."""
    found = _NAME.search(charset)
    for name in (found[0] if found else "us-ascii", "utf-8"):
        text = _decoded(data, name)
        if text is not None:
            return _HALVES.sub("\ufffd", text).removeprefix("\ufeff")
    return data.decode("cp1252", "replace")


def _decoded(data: bytes, name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
        if codec.name in _NO_CHARSETS:
            return None
        text = data.decode(name)
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return None
        # A mail that was cut off in the middle of a letter is read up to there, if others show that it is the charset.
        text = data[: error.start].decode(name)
        return None if text.isascii() else text
    except (LookupError, ValueError):  # unknown, or no charset at all, like "hex"
        return None
    # Nobody writes control characters: these are letters of Windows-1252, or bytes of UTF-8.
    return None if codec.name == "iso8859-1" and _C1.search(text) else text


def from_base64(data: bytes) -> bytes:
    """What can be read of it: other characters are passed over (RFC 2045 §6.8), an end that is cut off is left out."""
    letters = _NOT_BASE64.sub(b"", data).partition(b"=")[0]
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def unpacked(data: bytes, encoding: str) -> bytes:
    """``data`` without its Content-Transfer-Encoding; an encoding nobody knows is none."""
    name = re.match(r"\s*([\w-]*)", encoding)
    match name[1].lower() if name else "":
        case "base64":
            return from_base64(data)
        case "quoted-printable":
            return quopri.decodestring(data)
    return data


def with_words_decoded(value: str) -> str:
    """
    A header's value with its encoded words (RFC 2047) read, also a letter that neighbouring words cut in two; without
    control characters.
    """
    pieces: list[str] = []
    run, charset, end = b"", "", 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[end : word.start()]
        if run and (between.strip() or word[1].lower() != charset):
            pieces.append(to_text(run, charset))
            run = b""
            between = between if between.strip() else ""
        elif run:
            between = ""
        pieces.append(between)
        charset, end = word[1].lower(), word.end()
        run += _bytes_of_word(word[2], word[3])
    if run:
        pieces.append(to_text(run, charset))
    return _CONTROLS.sub("", "".join([*pieces, value[end:]]))


def _bytes_of_word(encoding: str, letters: str) -> bytes:
    data = letters.encode("utf-8", "surrogateescape")
    return from_base64(data) if encoding in "bB" else quopri.decodestring(data, header=True)
