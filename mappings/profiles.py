"""The names of the definitions of treatment resistance, listed without reading the files."""

from pathlib import Path

_FOLDER = Path(__file__).with_name("criteria")


def profile_names() -> tuple[str, ...]:
    """Return the ids of the profiles, the default first."""
    names = sorted(file.stem for file in _FOLDER.glob("*.toml"))
    return tuple(sorted(names, key=lambda name: name != "default"))
