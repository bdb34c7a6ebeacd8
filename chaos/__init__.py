"""``make chaos``: reminders while processes are killed at random and the mail server fails in every way it can."""
