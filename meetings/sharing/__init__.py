"""The private page: what a mentor sees and may do."""
