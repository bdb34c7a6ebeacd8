"""The page for visitors."""
