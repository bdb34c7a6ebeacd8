"""The whole portfolio in view: coverage, constellation, timeline, range."""
