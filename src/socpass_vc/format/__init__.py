"""Bytes to meaning and back; pure: no file, no clock, no network, no randomness but what is passed in."""
