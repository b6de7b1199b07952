"""`make advisories`: what is known against the packages of a lock, asked of the index by pip-audit.

Where the index cannot be reached, or does not know a package, the answer is "not checked", never "nothing
known". The network makes nothing fail; only what is found does.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent
LOCKS = (
    "requirements.lock",
    "requirements-mcp.lock",
    "requirements-populations.lock",
    "requirements-dev.lock",
    "docs/site/requirements.lock",
)
SECONDS = 300
_TOOL = Path(sys.executable).with_name("pip-audit")
_FOUND = 1

Packages = Sequence[Mapping[str, Any]]


def ask(lock: str) -> Packages | str:
    """Return what pip-audit says about each package of a lock, or why it says nothing."""
    command: list[str | Path] = [
        _TOOL,
        "--requirement",
        REPOSITORY / lock,
        "--require-hashes",
        "--disable-pip",
    ]
    try:
        asked = subprocess.run(
            [*command, "--format", "json", "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        packages: Packages = json.loads(asked.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return f"no answer within {SECONDS} s"
    except (ValueError, KeyError):
        return (asked.stderr.strip().splitlines() or ["no answer"])[-1]
    return packages


def told(lock: str, answer: Packages | str) -> Iterator[str]:
    """Yield what to read about one lock; what was not checked is said first."""
    if isinstance(answer, str):
        yield f"{lock}: NOT CHECKED: {answer}"
        return
    skipped = [package for package in answer if "vulns" not in package]
    checked = [package for package in answer if "vulns" in package]
    if skipped or not answer:
        names = ", ".join(package["name"] for package in skipped[:5]) + (" ..." if len(skipped) > 5 else "")
        missed = f"{len(skipped)} of {len(answer)} packages"
        yield f"{lock}: NOT CHECKED: {missed} the index tells nothing of: {names}"
    if checked:
        yield f"{lock}: {len(checked)} packages checked, {len(found(checked))} with advisories"
    for package in found(checked):
        for advisory in package["vulns"]:
            mended = ", ".join(advisory["fix_versions"]) or "no version yet"
            yield f"  {package['name']} {package['version']}: {advisory['id']}, mended in {mended}"


def found(packages: Packages) -> Packages:
    """Return the packages against which something is known."""
    return [package for package in packages if package.get("vulns")]


def main() -> int:
    """Print what is known; return 1 if anything is."""
    worst = 0
    for lock in LOCKS:
        answer = ask(lock)
        print("\n".join(told(lock, answer)))
        if not isinstance(answer, str) and found(answer):
            worst = _FOUND
    return worst


if __name__ == "__main__":
    sys.exit(main())
