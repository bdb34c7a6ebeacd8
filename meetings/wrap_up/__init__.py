"""Wrapping up a conversation."""
