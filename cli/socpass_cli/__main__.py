"""``python -m socpass_cli``, for where scripts are not on the path."""

from socpass_cli.main import run

run()
