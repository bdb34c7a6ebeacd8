"""Drafts: from a template to a sent message."""
