"""Performance claims, each by a script that prints a table. None is a test."""
