"""The form templates: accessibility, and escaping of user text."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Fieldset, Layout, Row, Submit
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_form
from django import forms
from django.conf import settings
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
EVIL = ["{{ 7|add:7 }}", "{% load static %}", "<script>alert(1)</script>", '" onfocus="alert(1)', "{% csrf_token %}"]
CHOICES = [("a", "First"), ("b", "Second")]


class Sample(forms.Form):
    name = forms.CharField(label="Their name", help_text="As they sign.")
    notes = forms.CharField(label="Notes", widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label="Kind", choices=CHOICES, widget=forms.RadioSelect, help_text="One of them.")
    also = forms.MultipleChoiceField(label="Also", choices=CHOICES, widget=forms.CheckboxSelectMultiple, required=False)
    agreed = forms.BooleanField(label="Agreed", required=False)
    file = forms.FileField(label="A file", required=False)
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise forms.ValidationError("Something about all of it.")


def tag(html: str, pattern: str) -> str:
    found = re.search(pattern, html, re.S)
    assert found, pattern
    return found[0]


def test_label_hint_error_and_control_come_in_this_order() -> None:
    html = as_crispy_form(Sample({}))
    order = ['<label for="id_name">', 'id="id_name_helptext"', 'id="id_name_error"', '<input type="text" name="name"']
    places = [html.index(piece) for piece in order]
    assert places == sorted(places)


def test_the_control_is_described_by_hint_and_error() -> None:
    control = tag(as_crispy_form(Sample({})), r'<input type="text" name="name"[^>]*>')
    assert 'aria-describedby="id_name_helptext id_name_error"' in control
    assert 'aria-invalid="true"' in control


def test_a_group_is_a_described_fieldset_with_a_legend() -> None:
    html = as_crispy_form(Sample({}))
    group = tag(html, r'<fieldset[^>]*aria-describedby="id_kind_helptext id_kind_error".*?</fieldset>')
    assert re.search(r"<legend>\s*Kind\s*</legend>", group)
    assert group.count('type="radio"') == 2


def test_only_what_is_optional_says_so() -> None:
    html = as_crispy_form(Sample())
    optional = re.findall(r'>([^<>]+?)(?:</label>)? <span class="field-optional">\(optional\)', html)
    assert [label.strip() for label in optional] == ["Notes", "Also", "A file"]


def test_a_checkbox_has_its_label_after_it() -> None:
    html = as_crispy_form(Sample())
    assert html.index('name="agreed"') < html.index('<label for="id_agreed">')


def test_the_summary_links_to_every_field_in_error() -> None:
    html = as_crispy_form(Sample({}))
    summary = tag(html, r'<div class="error-summary" role="alert">.*?</div>')
    assert "<h2>There is a problem</h2>" in summary
    assert "Something about all of it." in summary
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_name", "id_kind_0"]
    for target in targets:
        assert f'id="{target}"' in html
    assert summary.count("This field is required.") == 3  # the hidden field has no link, but its error is shown


def test_an_unbound_form_has_no_summary() -> None:
    assert "error-summary" not in as_crispy_form(Sample())


def test_hidden_fields_are_there_once_and_bare() -> None:
    assert as_crispy_form(Sample()).count('name="secret"') == 1


def test_a_formset_brings_its_management_form() -> None:
    formset = forms.formset_factory(Sample, extra=2)()
    html = as_crispy_form(formset)
    assert 'name="form-TOTAL_FORMS"' in html
    assert html.count('name="form-1-name"') == 1


def test_the_tag_renders_a_layout_of_ours() -> None:
    form = Sample()
    form.helper = FormHelper()  # type: ignore[attr-defined]
    form.helper.layout = Layout(  # type: ignore[attr-defined]
        Fieldset("About them", Row(Column("name"), Column("notes")), Div("kind")), "secret"
    )
    form.helper.add_input(Submit("save", "Save"))  # type: ignore[attr-defined]
    html = Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))
    assert "<legend" in html
    assert "About them</legend>" in html
    assert 'class="form-row' in html
    assert 'value="Save"' in html


@pytest.mark.parametrize("evil", EVIL)
def test_user_text_is_shown_as_it_is(evil: str) -> None:
    class Echo(forms.Form):
        said = forms.CharField(label=evil, help_text=evil)
        chosen = forms.ChoiceField(choices=[("x", evil)], widget=forms.RadioSelect)
        picked = forms.ChoiceField(choices=[("x", evil)])

        def clean_said(self) -> str:
            raise forms.ValidationError(evil)

        def clean(self) -> None:
            raise forms.ValidationError(evil)

    html = as_crispy_form(Echo({"said": evil, "chosen": evil, "picked": "x"}))
    assert "<script" not in html
    assert not re.search(r'"\s*onfocus="', html)
    assert "14" not in html
    escaped = evil.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # Label twice (field, summary), hint, value, error (field, summary), non-field error, both choices.
    assert html.count(escaped) >= 8


@given(st.text(st.sampled_from("{}%<>\"'&| ab7")))
def test_no_value_opens_a_tag(text: str) -> None:
    html = as_crispy_form(Sample({"name": text, "notes": text}))
    area = tag(html, r"<textarea[^>]*>.*?</textarea>")
    assert "<" not in area.removesuffix("</textarea>").split(">", 1)[1]
    control = tag(html, r'<input type="text" name="name"[^>]*>')
    assert control.count('"') % 2 == 0


def test_no_layout_object_takes_anything_but_our_own_words() -> None:
    """crispy compiles legends, button labels and HTML() as templates, so our code may only pass constants."""
    kinds = {"HTML", "Fieldset", "Submit", "Button", "Reset", "Hidden", "StrictButton", "MultiField", "Alert", "Tab"}
    for app in settings.OWN_APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
                    assert all(isinstance(arg, ast.Constant) for arg in node.args), f"{path}:{node.lineno}"
