"""The user's own calendar, read from its secret address: when they are busy."""
