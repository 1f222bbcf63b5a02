"""agency.toml: read strictly, and changed without losing a comment."""
