"""Invitations, calendar entries and the feed."""
