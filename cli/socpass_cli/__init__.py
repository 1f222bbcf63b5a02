"""The ``socpass`` command: files, clock, terminal and exit codes; no rules of its own."""

import gc

# A verdict takes a tenth of a second, most of it imports, which make many objects and no garbage: collecting half-way through
# costs a twentieth of that. Long runs still collect, less often.
gc.set_threshold(200_000, 10, 10)
