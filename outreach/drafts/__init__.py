"""Drafts: from a template to words that went out."""
