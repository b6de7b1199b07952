"""The shared colours: every pair of text and ground can be read, in light and in dark."""

import re
from importlib.resources import files

import pytest

STYLE = (files("service.web.static") / "style.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part))
    for part in STYLE.split("@media print")[0].split("@media (prefers-color-scheme: dark)")
)
GROUNDS = ("paper", "surface", "sunken")
PAIRS = [
    *((text, ground) for text in ("ink", "muted", "accent") for ground in GROUNDS),
    *((level, f"{level}-soft") for level in ("info", "warning", "critical", "good")),
    *((level, "surface") for level in ("info", "warning", "critical", "good")),
    ("critical", "paper"),
    ("ink", "accent-soft"),
    ("muted", "accent-soft"),
    ("on-accent", "accent"),
    *(("ink", f"{level}-soft") for level in ("info", "warning", "critical", "good")),
]
BORDERS = [("edge", "surface"), ("edge", "paper"), ("focus", "paper"), ("focus", "surface")]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_text_can_be_read(colours: dict[str, str], one: str, other: str) -> None:
    """The contrast is at least 4.5 (WCAG 2.2, 1.4.3)."""
    assert contrast(colours[one], colours[other]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("one", "other"), BORDERS)
def test_controls_can_be_seen(colours: dict[str, str], one: str, other: str) -> None:
    """Borders of fields and the mark of the focus have at least 3 (WCAG 2.2, 1.4.11)."""
    assert contrast(colours[one], colours[other]) >= 3


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
