"""Introductions: asking one person to introduce the user to another."""
