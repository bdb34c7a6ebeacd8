"""``make chaos``: sends reminders while processes are killed at random and the mail server fails in various ways."""
