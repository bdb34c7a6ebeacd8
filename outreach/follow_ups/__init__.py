"""Follow-ups: what is planned for when an answer stays away, or a day has come."""
