"""Trains one network in one process and says so. Never imports app."""
