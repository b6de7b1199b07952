"""What `make docs` writes into the documentation: texts made from the tables, and figures that are counted.

A test compares, so that nobody keeps them by hand and none of them grows old.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from mappings.criteria import Criteria, load_criteria, profile_names
from mappings.rules import load_rules
from mappings.shipped import rows_of
from mappings.tables import rule_tables
from tests.render.situations import SITUATIONS
from tests.served import REPOSITORY
from tests.vignettes.cases import all_cases

FIGURES = {
    "trials_needed": "failed adequate trials needed",
    "classes_needed": "drug classes among them",
    "qualifying_days": "days at the minimum dose or above",
    "borderline_days": "from so many days on a trial is possible",
    "gap_days": "days without supply bridged inside a course",
    "carry_over_days": "most days carried over from an early refill",
    "adherence": "share of days covered, where dispenses exist",
    "failed_at_most": "largest improvement that still is a failure",
    "switch_days": "days after the end in which a switch implies failure",
    "look_back_days": "look-back in days when no onset is recorded",
}
"""Figures of a definition of treatment resistance that docs/counting.md shows, in words."""


def written(file: str) -> str:
    """Return the text that `file` has to have."""
    return MADE[file]((REPOSITORY / file).read_text(encoding="utf-8"))


def _counting_page(text: str) -> str:
    return _between(_between(text, "figures", _figures()), "rules", _rules())


def _between(text: str, name: str, made: str) -> str:
    """Return `text` with what stands between the marks of `name` replaced by `made`."""
    begin, end = f"<!-- {name}: written by make docs -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"no marks of {name}")
    return f"{before}{begin}{made}{end}{after}"


def _figures() -> str:
    profiles = load_criteria()
    names = profile_names()
    lines = [f"| | {' | '.join(names)} | key in `mappings/criteria/` |", f"|{' --- |' * (len(names) + 2)}"]
    for key, words in FIGURES.items():
        cells = [f"{_figure(profiles[name], key):g}" for name in names]
        lines.append(f"| {words} | {' | '.join(cells)} | `{key}` |")
    return "".join(f"{line}\n" for line in lines)


def _figure(profile: Criteria, key: str) -> float:
    """Return the figure that stands under `key` in one of the sections of a definition."""
    sections = (profile.count, profile.duration, profile.outcome, profile.episode)
    (figure,) = (getattr(section, key) for section in sections if hasattr(section, key))
    return float(figure)


def _rules() -> str:
    return "\n".join(
        f"### {rule.id} {rule.title}\n\n{rule.text.strip()}\n"
        for rule in load_rules().values()
        if rule.text.strip()
    )


def _counted(text: str) -> str:
    """Return `basis.toml` with the figures of its `[validation]` counted."""
    cases = all_cases()
    counts = {
        "vignettes": len(cases),
        "published_vignettes": sum(case.name.startswith("01-published") for case in cases),
        "situations": len(SITUATIONS),
    }
    for name, count in counts.items():
        text = re.sub(rf"(?m)^{name} = \d+$", f"{name} = {count}", text)
    return text


def _shipped(_: str) -> str:
    return "".join(f"{row}\n" for row in rows_of(rule_tables()))


MADE: Mapping[str, Callable[[str], str]] = {
    "docs/counting.md": _counting_page,
    "mappings/basis.toml": _counted,
    "mappings/shipped_rows.txt": _shipped,
}
"""How each file is made from the text that it has."""


def main() -> None:
    """Write every file anew."""
    for file in MADE:
        path: Path = REPOSITORY / file
        path.write_text(written(file), encoding="utf-8")


if __name__ == "__main__":
    main()
