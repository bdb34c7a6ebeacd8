"""People: who is known, from where, and how their records are kept."""
