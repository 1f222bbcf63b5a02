"""TOML files that people write, read strictly: tables, key entries, lines of errors."""
