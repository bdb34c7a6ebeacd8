"""Errors of this app, with a message that a view can show to the user."""

from __future__ import annotations


class PortfolioError(Exception):
    """The message is a sentence for the user."""


class AlreadyMentor(PortfolioError):
    """There is a running mentorship with this person; only one is allowed at a time."""


class NotYours(PortfolioError):
    """The need or person belongs to another user."""


class EndsBeforeStart(PortfolioError):
    """The end date is before the start date."""
