"""The ``socpass`` command: files, clock, terminal and exit codes; no rules of its own."""
