"""What the prefetch is said to bring: each resource by each key that asks for it."""

import json
from pathlib import Path

import msgspec
import pytest

from bench.asked import main
from tests.hooks.chart import Json, observation, patient, score

SURVEY = [{"coding": [{"code": "survey"}]}]
LABORATORY = [{"coding": [{"code": "laboratory"}]}]


def size(*resources: Json) -> str:
    """What the resources come to, as it is printed."""
    return f"{sum(len(msgspec.json.encode(one)) for one in resources) / 1000:.1f} kB"


def test_a_resource_counts_for_each_key_that_brings_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A score by its code and its category, a value of no rule by its category alone."""
    person, total = patient(), score(20, 5) | {"category": SURVEY}
    sodium = observation("2951-2 Sodium", 5, valueInteger=140) | {"category": LABORATORY}
    file = tmp_path / "chart.json"
    entries = [{"resource": one} for one in (person, total, sodium)]
    file.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    main([str(file)])
    told = capsys.readouterr().out.splitlines()
    by_codes, by_categories = size(person, total, total), size(person, total, sodium)
    assert told[0].startswith(f"chart.json: {by_codes} by codes, {by_categories} by categories")
