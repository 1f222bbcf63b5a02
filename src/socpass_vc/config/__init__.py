"""TOML files that people write, read strictly: tables, values, an issuer's identity, lines of errors."""
