"""The page `docs/behaviour.md`: what the service does, told by the vignettes, for clinicians.

A vignette is a patient and the answer that the service has to give; every one is tested. The page lists
them by topic in the order of their files, where the two sides of a boundary stand beside each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path

from mappings.flags import load_flags
from mappings.wording import Wording, load_wording
from tests.vignettes.cases import HERE, Case, Expected, read_cases

NOT_JUDGED = "?"


def patients() -> str:
    """Return all vignettes by topic, after a list of the topics."""
    topics = [(path, read_cases(path)) for path in sorted((HERE / "cases").glob("*.toml"))]
    total = sum(len(cases) for _, cases in topics)
    contents = "".join(f"- [{_title(path)}](#{_anchor(path)}): {len(cases)}\n" for path, cases in topics)
    sections = "".join(_section(path, cases) for path, cases in topics)
    return f"\n{total} patients, by topic:\n\n{contents}{sections}"


def _title(path: Path) -> str:
    """Return the topic of a file of vignettes: its name, which begins with a number."""
    return path.stem.partition("-")[2].replace("-", " ").capitalize()


def _anchor(path: Path) -> str:
    """Return the link to a topic as GitHub makes it."""
    return _title(path).lower().replace(" ", "-")


def _section(path: Path, cases: Sequence[Case]) -> str:
    """Return a topic: what the head of its file says, and its patients in the order of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = " ".join(line.removeprefix("#").strip() for line in takewhile(lambda line: line[:1] == "#", lines))
    rows = "".join(map(_row, cases))
    table = f"| patient | answer | because | rule |\n| --- | --- | --- | --- |\n{rows}"
    return f"\n## {_title(path)}\n\n{head}\n\n{table}"


def _row(case: Case) -> str:
    cells = (case.title, case.expected.conclusion, "; ".join(_reasons(case.expected)), case.clause)
    return f"| {' | '.join(map(_cell, cells))} |\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _reasons(expected: Expected) -> Iterator[str]:
    """Yield what the answer rests on, in the words of the cards."""
    words = _wording().words
    if expected.gate and expected.gate != NOT_JUDGED:
        yield words["gate"].get(expected.gate, expected.gate)
    yield from expected.safety
    yield from _trials(expected, words)
    yield from _flags(expected.flags)
    yield from (words["gap"].get(gap, gap) for gap in expected.blocking_missing if gap != NOT_JUDGED)
    yield from (f"not known: {words['gap'].get(gap, gap)}" for gap in expected.unknown)
    for name, told in expected.profiles.items():
        if "conclusion" in told:
            yield f"by the definition {name}: {told['conclusion']}"
    if expected.cards is not None:
        yield f"cards: {', '.join(expected.cards) or 'none'}"


def _trials(expected: Expected, words: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield which trials count, which are possible, and which are neither."""
    if expected.counted is not None:
        yield f"counted: {', '.join(expected.counted) or 'none'}"
    for drug, reason in (expected.possible or {}).items():
        yield f"possible: {drug} ({words['shortfall'].get(reason, reason)})"
    for drug, reasons in expected.not_counted.items():
        told = " or ".join(words["shortfall"].get(reason, reason) for reason in reasons)
        yield f"not counted: {drug} ({told})"
    for drug, outcome in expected.outcomes.items():
        yield f"{drug}: {words['outcome'].get(outcome, outcome)}"


def _flags(flags: Mapping[str, tuple[str | None, str | None]]) -> Iterator[str]:
    """Yield each flag with its level, or with both where the routes differ."""
    for name, (esketamine, ketamine) in flags.items():
        level = esketamine if esketamine == ketamine else f"{esketamine or '-'} / {ketamine or '-'}"
        yield f"{_flag_titles().get(name, name)}: {level}"


@cache
def _flag_titles() -> Mapping[str, str]:
    return {row.id: row.title for row in load_flags().flag}


@cache
def _wording() -> Wording:
    return load_wording()
