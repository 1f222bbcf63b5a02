"""Say in one sentence what is wrong with the Python that `make` found, if anything is; runs on any Python 3."""

import importlib.util
import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- this file is run by whatever Python there is
    sys.exit(f"socpass needs Python 3.11 or later; {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.12 ...")
if importlib.util.find_spec("ensurepip") is None:
    sys.exit("This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv")
