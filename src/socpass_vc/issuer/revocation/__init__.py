"""Revoking, suspending and restoring passes, one by one and by file."""
