"""Revoking, suspending and reinstating passes, one by one and by file. It stands on imports and register."""
