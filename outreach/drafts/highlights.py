"""Marking in a preview the very words the coach speaks of, so that advice can lead there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from outreach.coach import Advice
from outreach.drafts.merge_fields import Part
from outreach.drafts.readiness import Ready

Span = tuple[int, int, str]  # from, to, the advice's key


def highlighted(final: Ready, advice: Iterable[Advice]) -> tuple[Ready, set[str]]:
    """The draft with the places of this advice marked, and the keys of those that have a mark of their own."""
    said = [one for one in advice if one.span]
    spans = {
        place: [(*one.span, one.key) for one in said if one.span and one.place == place]
        for place in ("subject", "message")
    }
    if sum(part.length for part in final.subject_parts) != len(final.subject):
        spans["subject"] = []  # written over several lines: the places are others
    subject, body = highlight(final.subject_parts, spans["subject"]), highlight(final.body_parts, spans["message"])
    return replace(final, subject_parts=subject, body_parts=body), {p.anchor for p in (*subject, *body) if p.anchor}


def highlight(parts: list[Part], spans: Iterable[Span]) -> list[Part]:
    """The same parts, cut where a span begins or ends. Of two that overlap only the first is marked."""
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
    """The pieces of a part that begins at ``start``. What stands for something else (a gap) is never cut."""
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
