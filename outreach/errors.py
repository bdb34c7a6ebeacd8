"""Errors with a message for the user."""


class OutreachError(Exception):
    """A change that is not possible. The message says why, what was kept and what to do."""
