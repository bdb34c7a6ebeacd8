"""Queries for pages: approaches, introductions, the board."""
