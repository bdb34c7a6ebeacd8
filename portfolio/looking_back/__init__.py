"""Looking back: reviews and reflections."""
