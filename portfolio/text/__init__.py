"""Text: folding and Markdown."""
