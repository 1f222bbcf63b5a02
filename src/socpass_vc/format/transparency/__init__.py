"""A log of passes that cannot be rewritten: its hash tree, its signed heads and its proofs (specs/log.md)."""
