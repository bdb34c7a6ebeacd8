"""The mentor's private page: its content and its actions."""
