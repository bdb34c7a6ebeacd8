"""``make chaos``: reminders under a storm of killed processes and a mail server with a bad temper."""
