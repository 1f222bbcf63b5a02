"""The agency's keys: rotate, compromised, lost."""
