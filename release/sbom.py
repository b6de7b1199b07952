"""`make sbom`: which packages the service is made of, as a CycloneDX document and as a table of licences.

cyclonedx-py reads an environment into which `requirements.lock` alone was installed. What depends on the day,
the machine or an index is left out, so that the same lock gives the same document anywhere.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parent.parent
SBOM = REPOSITORY / "sbom.cdx.json"
LICENCES = REPOSITORY / "docs" / "licences.md"
_TOOL = Path(sys.executable).with_name("cyclonedx-py")
_LISTED = "<!-- licences: written by make sbom -->\n"

Document = dict[str, Any]


def read_environment(python: Path) -> Document:
    """Return the document about the packages of a Python; their licences are what their metadata tell."""
    made = subprocess.run(
        [_TOOL, "environment", python, "--pyproject", REPOSITORY / "pyproject.toml", "--output-reproducible"],
        check=True,
        capture_output=True,
        text=True,
    )
    document: Document = json.loads(made.stdout)
    del document["metadata"]["tools"]
    for component in (document["metadata"]["component"], *document["components"]):
        component.pop("externalReferences", None)  # home pages, forums, places to download from
    return document


def licences(component: Mapping[str, Any]) -> list[str]:
    """Return the licences of a component as SPDX names them, else as the package does; the same one once."""
    told = [each.get("expression") or _name(each["license"]) for each in component.get("licenses", ())]
    spdx = [name for name in told if not name.startswith("License :: ")]
    return spdx or [name.rpartition(" :: ")[2] for name in told]


def licence_table(document: Document) -> Iterator[str]:
    """Yield the lines of a table of all packages."""
    yield "| package | licence |"
    yield "| --- | --- |"
    for component in sorted(document["components"], key=lambda each: str(each["name"]).lower()):
        yield f"| {component['name']} | {', '.join(licences(component))} |"


def with_table(page: str, document: Document) -> str:
    """Return the page of licences with the table of this document."""
    head = page.partition(_LISTED)[0]
    return "".join([head, _LISTED, "\n", *(f"{line}\n" for line in licence_table(document))])


def as_text(document: Document) -> str:
    """Return the document as it stands in its file."""
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _name(licence: Mapping[str, str]) -> str:
    return licence.get("id") or licence["name"]


def main() -> None:
    """Write both from the environment whose Python is named."""
    document = read_environment(Path(sys.argv[1]))
    SBOM.write_text(as_text(document), encoding="utf-8")
    LICENCES.write_text(with_table(LICENCES.read_text(encoding="utf-8"), document), encoding="utf-8")


if __name__ == "__main__":
    main()
