"""Exit codes of every command; those of a verdict are beside its words (specs/cli.md)."""

EXIT_FAILED = 1
EXIT_BUG = 70
EXIT_NO_OUTPUT = 74
EXIT_INTERRUPTED = 130
EXIT_NO_READER = 141
