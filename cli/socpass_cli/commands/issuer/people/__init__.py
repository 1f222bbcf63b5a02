"""Residents and applications: import, decide, statement."""
