"""Words: numbers and spans as one says them, folding, Markdown."""
