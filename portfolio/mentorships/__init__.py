"""Mentorships: history, terms, rhythm."""
