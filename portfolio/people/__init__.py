"""People: their records, sources and relations."""
