"""The summary as JSON and as a page, from the rows that were written."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from mappings.knowledge import Knowledge
from service.picture import theme
from service.population.bars import bars
from service.population.files import write
from service.population.pages import page
from service.population.strata import Groups
from service.population.summary import Told, counts_of, summary
from service.population.tables import read_rows


def write_summary(out: Path, knowledge: Knowledge, profiles: Sequence[str], groups: Groups) -> None:
    """Write `summary.json` and `summary.html` beside the rows of `out`."""
    found = counts_of(read_rows(out / "patients.parquet"), profiles, groups)
    told = [
        {"profile": profile, "as_of": str(day), **summary(tally, knowledge)}
        for (profile, day), tally in sorted(found.items())
    ]
    answer = {"rule_set": knowledge.rule_set, "summaries": told}
    write(out / "summary.json", json.dumps(answer, indent=2, ensure_ascii=False).encode())
    write(out / "summary.html", _page(told, knowledge).encode())


def _page(told: Sequence[Told], knowledge: Knowledge) -> str:
    words = knowledge.wording.words
    return page("summary.html").render(
        summaries=told,
        rule_set=knowledge.rule_set,
        gates=words["gate"],
        topics={**words["topic"], "any": "Any but the one about suicide risk"},
        theme=Markup(theme()),  # noqa: S704 - a file of ours
        drawn=_drawn,
    )


def _drawn(
    rows: Sequence[Told], title: Mapping[str, str], name: str, number: str, whole: int | None
) -> Markup:
    """Return bars of the rows, of which `name` and `number` are the members that are shown."""
    shown = [(title.get(row[name], row[name]), row[number]) for row in rows]
    return Markup(bars(shown, whole or 0))  # noqa: S704 - all its text is escaped
