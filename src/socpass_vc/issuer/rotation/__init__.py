"""Keys that are replaced, stolen or lost."""
