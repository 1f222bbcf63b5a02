"""The ``socpass`` command: files, clock, terminal and exit codes; no rules of its own."""

import _signal  # type: ignore[import-not-found,unused-ignore]  # built in; signal itself first loads a good deal more
import sys

# Ctrl-C while the modules load ends this process without a word; main.run takes over. Not in a program that only imports us.
if (
    sys.argv[0].replace("\\", "/").rpartition("/")[2] in {"socpass", "socpass.exe", "-m"}
    and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
):
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import gc

# A verdict takes a tenth of a second, most of it imports, which make many objects and no garbage: collecting half-way through
# costs a twentieth of that. Long runs still collect, less often.
gc.set_threshold(200_000, 10, 10)
