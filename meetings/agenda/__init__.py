"""Agendas: points, suggestions, and what carries over."""
