"""The agency's own settings: changing agency.toml without losing a comment."""
