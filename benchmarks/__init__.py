"""What socpass costs, beside the bare work that nobody can avoid and beside peers, in one run (benchmarks/README.md)."""
