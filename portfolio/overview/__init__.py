"""Overviews of the portfolio: coverage, constellation, timeline, range."""
