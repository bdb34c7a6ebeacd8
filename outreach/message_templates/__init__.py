"""The user's own templates."""
