"""Follow-ups and reminders: after silence, or on a chosen day."""
