"""Every setting that deploy/, docs/ and the Dockerfile name is one that the service reads."""

import re
from pathlib import Path

import pytest

from service.settings import SETTINGS
from tests.served import REPOSITORY

FILES = sorted(
    path
    for folder in ("deploy", "docs")
    for path in (REPOSITORY / folder).rglob("*")
    if path.is_file() and path.suffix not in (".json", ".png")
)


@pytest.mark.parametrize(
    "file", [*FILES, REPOSITORY / "Dockerfile"], ids=lambda file: str(file.relative_to(REPOSITORY))
)
def test_settings_that_are_named_exist(file: Path) -> None:
    """A name that the service does not know would stop its start."""
    assert set(re.findall(r"KETAMINE_CDS_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8"))) <= set(SETTINGS)
