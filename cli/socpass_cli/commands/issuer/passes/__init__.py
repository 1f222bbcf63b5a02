"""Passes: issue, list, revoke."""
