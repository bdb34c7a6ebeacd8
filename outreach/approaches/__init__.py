"""Approaches: from a name to a mentor."""
