"""Highlights the text that the coach's advice is about, so that the advice can link to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from outreach.coach import Advice
from outreach.drafts.merge_fields import Part
from outreach.drafts.readiness import Ready

Span = tuple[int, int, str]  # start, end, the advice's key


def highlighted(final: Ready, advice: Iterable[Advice]) -> tuple[Ready, set[str]]:
    """The draft with the text of this advice highlighted, and the keys of the advice that has a highlight."""
    said = [one for one in advice if one.span]
    spans = {
        place: [(*one.span, one.key) for one in said if one.span and one.place == place]
        for place in ("subject", "message")
    }
    if sum(part.length for part in final.subject_parts) != len(final.subject):
        spans["subject"] = []  # merging changed the line breaks, so the positions differ
    subject, body = highlight(final.subject_parts, spans["subject"]), highlight(final.body_parts, spans["message"])
    return replace(final, subject_parts=subject, body_parts=body), {p.anchor for p in (*subject, *body) if p.anchor}


def highlight(parts: list[Part], spans: Iterable[Span]) -> list[Part]:
    """The same parts, split where a span begins or ends. Of two overlapping spans only the first is highlighted."""
    apart, end = [], 0
    for span in sorted(spans):
        if span[0] >= end and span[1] > span[0]:
            apart.append(span)
            end = span[1]
    begun: set[str] = set()
    return [piece for part in _placed(parts) for piece in _cut(*part, apart, begun)]


def _placed(parts: list[Part]) -> Iterator[tuple[Part, int]]:
    start = 0
    for part in parts:
        yield part, start
        start += part.length


def _cut(part: Part, start: int, spans: list[Span], begun: set[str]) -> Iterator[Part]:
    """Split a part that begins at ``start``, unless its text is a placeholder for something else."""
    at, end = start, start + part.length
    for first, last, key in spans:
        if last <= at or first >= end:
            continue
        whole = part.state in {"missing", "unknown"}
        first, last = (start, end) if whole else (max(first, at), min(last, end))
        if first > at:
            yield replace(part, text=part.text[at - start : first - start], raw=None)
        text = part.text if whole else part.text[first - start : last - start]
        yield replace(part, text=text, raw=part.raw if whole else None, said=key, anchor="" if key in begun else key)
        begun.add(key)
        at = last
        if at >= end:
            return
    if at < end:
        yield replace(part, text=part.text[at - start :], raw=None) if at > start else part
