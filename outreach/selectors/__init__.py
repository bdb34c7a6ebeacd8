"""Reads for the pages: approaches, introductions, the board."""
