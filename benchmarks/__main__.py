"""``python -m benchmarks [NAME ...]``: run the benchmarks, or those named."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = (
    "core",
    "peers",
    "cold_start",
    "sizes",
    "deltas",
    "trust",
    "hsm",
    "ladder",
    "writing",
    "register_import",
    "register_issue",
)


def main(chosen: list[str]) -> None:
    """Run the benchmarks *chosen*, or all."""
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for name in chosen or NAMES:
        import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
