"""Errors of this app, whose text a view can show to the user as it is."""

from __future__ import annotations


class PortfolioError(Exception):
    """The text is a sentence for the person's eyes."""


class AlreadyMentor(PortfolioError):
    """There is a running mentorship with this person already: one at a time."""


class NotYours(PortfolioError):
    """A need or person of somebody else was handed in."""


class EndsBeforeStart(PortfolioError):
    """An end was dated before its beginning."""
