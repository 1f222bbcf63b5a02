"""Writes a software bill of materials (CycloneDX, JSON) of one kind of installation: our wheel and all that its lock installs.

cyclonedx-py lists what an installation holds, its licences and who needs whom. To that come the digests that the lock permits and
that of the wheel itself. Run by the Python of build/sbom-venv; the same inputs give the same bytes.

    sbom.py PYTHON LOCK WHEEL OUT
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OURS = "socpass-vc"
_OF_PYTHON_ITSELF = {"pip", "setuptools"}
"""What an environment begins with; nothing of ours needs them."""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(.*?)(?=^[A-Za-z0-9]|\Z)", re.MULTILINE | re.DOTALL)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def canonical(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def digests_of(lock: str) -> dict[str, list[str]]:
    """Return the SHA-256 digests that a lock permits, by canonical name."""
    return {canonical(name): sorted(_HASH.findall(rest)) for name, _, rest in _PIN.findall(lock)}


def completed(listed: dict[str, Any], lock: str, wheel: Path) -> dict[str, Any]:
    """Return what cyclonedx-py *listed*, with the wheel as its subject and with digests.

    Raises:
        LookupError: a component stands in no lock: the environment holds more than it should.
    """
    digests = digests_of(lock)
    components = {component["bom-ref"]: component for component in listed["components"]}
    gone = {ref for ref, component in components.items() if canonical(component["name"]) in _OF_PYTHON_ITSELF}
    for component in components.values():
        if component["bom-ref"] not in gone:
            component["externalReferences"] = [
                *component.get("externalReferences", []),
                {
                    "type": "distribution",
                    "url": component["purl"],
                    "hashes": [{"alg": "SHA-256", "content": digest} for digest in digests[canonical(component["name"])]],
                },
            ]
    subject = listed["metadata"]["component"]
    subject["type"] = "application"
    subject["purl"] = f"pkg:pypi/{OURS}@{subject['version']}"
    subject["hashes"] = [{"alg": "SHA-256", "content": sha256(wheel.read_bytes()).hexdigest()}]
    listed["components"] = [component for ref, component in components.items() if ref not in gone]
    listed["dependencies"] = [entry for entry in listed["dependencies"] if entry["ref"] not in gone]
    return listed


def main() -> None:
    """Write one bill of materials."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 -- in the environment of this script alone
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 -- likewise

    python, lock, wheel, out = sys.argv[1:]
    command = [sys.executable, "-m", "cyclonedx_py", "environment", python, "--pyproject", str(ROOT / "pyproject.toml")]
    command += ["--output-reproducible", "-o", "-"]
    listed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 -- of build/sbom-venv
    found = completed(json.loads(listed), Path(lock).read_text(encoding="utf-8"), Path(wheel))
    text = json.dumps(found, indent=2, sort_keys=True) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        sys.exit(f"not CycloneDX 1.6: {wrong}")
    Path(out).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
