"""What a page offers to a browser: its forms with all their fields, and its links with all their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.http import HttpResponse
from django.urls import Resolver404, resolve

Values = dict[str, list[str]]
SENDS_A_FILE = {"file"}
SENDS_NOTHING = {"reset", "image", "button"}


@dataclass
class Form:
    """A form as a browser would send it, or anything else with ``hx-get`` or ``hx-post``.

    ``values`` are those it has when the page opens; ``choices`` are further ones: options, boxes that are not ticked.
    """

    action: str
    method: str
    values: Values = field(default_factory=dict)
    choices: Values = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)
    single: set[str] = field(default_factory=set)  # choices of one only
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, and its own action if any
    pressed: tuple[str, str] = ("", "")  # the button it was sent with: name and value

    @property
    def names(self) -> set[str]:
        return {*self.values, *self.choices, *(name for name, _, _ in self.buttons if name)}

    @property
    def otherwise(self) -> Values:
        """With the last option of each choice, and every box ticked."""
        chosen = {name: values[-1:] if name in self.single else values for name, values in self.choices.items()}
        return {**self.values, **{name: value for name, value in chosen.items() if name != self.pressed[0]}}

    def sent(self) -> Iterator[Form]:
        """The form once for each of its buttons, with the button's own action, its name and its value."""
        for name, value, action in self.buttons or [("", "", "")]:
            values = {**self.values, name: [value]} if name else self.values
            yield replace(self, action=action or self.action, values=values, pressed=(name, value))


class Reader(HTMLParser):
    """Reads the forms and links of a page; also fields and buttons outside of their form (``form="its-id"``)."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.links: set[str] = set()
        self._ids: dict[str, Form] = {}
        self._elsewhere: list[tuple[str, str, dict[str, str]]] = []
        self._form: Form | None = None
        self._select: tuple[Form | None, str, bool] = (None, "", False)
        self._text: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("hx-get", "hx-post"):
            if name in given:
                self._htmx(name.removeprefix("hx-"), given)
        if "data-place-url" in given:  # where a script sends the place to which it was dragged
            self.forms.append(Form(self._full(given["data-place-url"]), "post", {"position": ["0"]}))
        if tag == "form":
            self._open(given)
        elif tag == "a" and "href" in given:
            self.links.add(self._full(given["href"]))
        elif tag == "option":
            self._option(given)
        elif tag in {"input", "button", "select", "textarea"}:
            form = self._ids.get(given["form"]) if "form" in given else self._form
            if form is not None:
                self._field(form, tag, given)
            elif "form" in given:
                self._elsewhere.append((given["form"], tag, given))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            form, name = self._text
            form.values[name][-1] += data.removeprefix("\n")

    def close(self) -> None:
        super().close()
        for form, tag, given in self._elsewhere:
            if form in self._ids:
                self._field(self._ids[form], tag, given)

    def _full(self, address: str) -> str:
        return urljoin(self.address, address) if address else self.address

    def _open(self, given: dict[str, str]) -> None:
        self._form = Form(self._full(given.get("action", "")), given.get("method", "get").lower())
        self.forms.append(self._form)
        if "id" in given:
            self._ids[given["id"]] = self._form

    def _htmx(self, method: str, given: dict[str, str]) -> None:
        form = Form(self._full(given[f"hx-{method}"]), method)
        if given.get("name"):
            form.values[given["name"]] = [given.get("value", "")]
        self.forms.append(form)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "submit" if tag == "button" else "text")
        value = given.get("value", "")
        if kind == "submit" and tag in {"button", "input"}:
            action = self._full(given["formaction"]) if "formaction" in given else ""
            form.buttons.append((name, value, action))
        elif name in {"", "csrfmiddlewaretoken"} or kind in SENDS_NOTHING or tag == "button":
            return
        elif tag == "select":
            self._select = (form, name, "multiple" in given)
            form.choices.setdefault(name, [])
            if "multiple" not in given:
                form.single.add(name)
        elif tag == "textarea":
            form.values.setdefault(name, []).append("")
            self._text = (form, name)
        elif kind in {"checkbox", "radio"} and "checked" not in given:
            form.choices.setdefault(name, []).append(value or "on")
            if kind == "radio":
                form.single.add(name)
        else:
            if kind in {"text", "search"}:
                form.typed.add(name)
            form.values.setdefault(name, []).append(value or ("on" if kind in {"checkbox", "radio"} else ""))
            if kind == "hidden":
                form.hidden.add(name)

    def _option(self, given: dict[str, str]) -> None:
        form, name, several = self._select
        if form is None:
            return
        value = given.get("value", "")
        form.choices[name].append(value)
        if "selected" in given or (not several and name not in form.values):
            form.values[name] = [*(form.values.get(name, []) if several else []), value]


def read(response: HttpResponse, address: str) -> Reader:
    """The forms and links of this answer; none unless it is HTML."""
    reader = Reader(address)
    if response.headers.get("Content-Type", "").startswith("text/html"):
        reader.feed(response.content.decode())
        reader.close()
    return reader


def route_of(address: str) -> str:
    """The name of the route of this address; empty for another site's."""
    parts = urlsplit(address)
    try:
        return "" if parts.netloc or parts.scheme else resolve(parts.path).url_name or ""
    except Resolver404:
        return ""


def parameters_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
