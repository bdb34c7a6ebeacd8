"""What can stand in the way of a step, in words a user may read."""


class OutreachError(Exception):
    """A step that can't be taken. Its text says what is so, what was kept and what to do."""
