"""Forms of outreach."""
