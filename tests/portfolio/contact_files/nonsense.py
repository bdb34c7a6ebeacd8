"""Files of any size that make a careless reader look at the same thing again and again: test_bounds.py counts what
reading them takes, and `make bench` measures it."""

from __future__ import annotations

from collections.abc import Callable

TABLE = "Name,Email\n"
CARD = "BEGIN:VCARD\nFN:A\n"

# Of so many letters, more or less.
NONSENSE: dict[str, Callable[[int], str]] = {
    "marks that are never closed": lambda n: TABLE + 'Ann,"b\n' * (n // 7),
    "marks that close another": lambda n: TABLE + 'a","b\n' * (n // 6),
    "one mark before many lines": lambda n: TABLE + ('"x\n' + "a\n" * 1000) * (n // 2003 + 1),
    "only marks": lambda n: TABLE + '"' * n,
    "an odd mark and pairs": lambda n: TABLE + '"' + '""\n' * (n // 3),
    "one line": lambda n: TABLE + "x" * n,
    "empty lines": lambda n: TABLE + "\n" * n,
    "an endless card": lambda n: CARD + "EMAIL:a@example.org\n" * (n // 20),
    "begin and begin": lambda n: "BEGIN:VCARD\n" * (n // 12),
    "agents of agents": lambda n: "BEGIN:VCARD\n" + "AGENT:\nBEGIN:VCARD\n" * (n // 19),
    "soft breaks": lambda n: "BEGIN:VCARD\nFN;QUOTED-PRINTABLE:A=\n" + "=41=\n" * (n // 5),
    "soft breaks in a head": lambda n: "BEGIN:VCARD\nFN;QUOTED-PRINTABLE\n" + " =\n" * (n // 3),
    "folds": lambda n: CARD + " b\n" * (n // 3),
    "parameters": lambda n: "BEGIN:VCARD\nFN;" + '";' * (n // 2) + ":A\nEND:VCARD\n",
    "components": lambda n: CARD + "N:" + ";" * n + "\nEND:VCARD\n",
    "backslashes": lambda n: CARD + "N:" + "\\" * n + "\nEND:VCARD\n",
    "digits": lambda n: TABLE + "1" * n + "x,a@example.org\n",
    "brackets": lambda n: "<" * n + "\n" + "a@" * (n // 2) + "\n" + "a@b," * (n // 4),
    "at signs": lambda n: "@ " * (n // 2) + "\n" + "(," * (n // 2),
    "addresses in a row": lambda n: "a@example.org " * (n // 14),
    "semicolons": lambda n: '"' * n + "\n" + '";' * (n // 2),
    "dots": lambda n: "Name,URL\nAnn," + "a." * (n // 2) + ":x\n",
    "addresses": lambda n: 'Name,Email\nAnn,"' + "a@," * (n // 3) + '"\n',
    "angles": lambda n: 'Name,Email\nAnn,"' + "<a@" * (n // 3) + '"\n',
    "blanks": lambda n: "BEGIN:VCARD\nFN:" + " " * n + "x\n" + " " * n + "BEGIN\n",
    "blanks in a list": lambda n: " " * n + "x\n" + "- " * (n // 2),
    "labels": lambda n: "Name,Labels\nAnn," + " ::: " * (n // 5) + " " * n + "x\n",
    "columns": lambda n: ",".join(["Email"] * min(n // 12, 20_000)) + "\n" + "a@b.org," * min(n // 12, 20_000) + "\n",
    "unknown columns": lambda n: "c," * (n // 2) + "\n" + "x," * (n // 2) + "\n",
    "heads of mails": lambda n: "From: x\n x\n" * (n // 11),
    "ends and begins": lambda n: "END:VCARDBEGIN:VCARD\n" * (n // 21),
    "postal addresses": lambda n: CARD + "ADR:;;a\\n;b;;;\n" * (n // 15) + "END:VCARD\n",
    "nothing": lambda n: "\0" * n,
}
