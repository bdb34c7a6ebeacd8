"""Mentorships: their course, their terms, their rhythm."""
