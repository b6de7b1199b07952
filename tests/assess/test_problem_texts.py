"""Texts of the problem list in many styles: which flag each raises, at which level, and what is set aside."""

from pathlib import Path

import pytest

from tests.assess.flag_facts import ago, levels, record, worded

LINES = (Path(__file__).parent / "problem_texts.txt").read_text(encoding="utf-8").splitlines()
TEXTS = [tuple(line.rsplit(" | ", 1)) for line in LINES if line and not line.startswith("#")]


def expected(told: str) -> dict[str, tuple[str, str]]:
    """The flags of one line with their two levels."""
    if told == "-":
        return {}
    flags = (one.strip().partition(" ") for one in told.split(","))
    return {flag: (pair.split("/")[0], pair.split("/")[-1]) for flag, _, pair in flags}


@pytest.mark.parametrize(("text", "told"), TEXTS, ids=[text for text, _ in TEXTS])
def test_a_text_raises_what_it_says(text: str, told: str) -> None:
    """R14.3: words alone are a caution at most; what is denied, feared or somebody else's raises nothing."""
    found = levels(record(problems=(worded(text, onset=ago(200)),)))
    assert {flag: tuple(map(str, pair)) for flag, pair in found.items()} == expected(told)
