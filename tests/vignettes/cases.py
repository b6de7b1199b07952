"""Reads the vignettes of `cases/*.toml`: one block a case, tables as a clinician writes them.

A file may open with `[defaults]`, which every block of the file starts from. A block with `each` is a
table of cases of one shape: `{column}` anywhere in the block stands for the row's value. A key or
column that is not known stops the reading, naming file and case.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Row = Mapping[str, str]

COLUMNS = {
    "history": (
        "drug", "mg/day", "from", "to", "seen in", "status", "stopped for", "reason", "how", "PHQ-9",
        "fills", "filled on", "supply",
    ),
    "measured": ("what", "when", "result"),
    "conditions": ("condition", "status", "since", "until", "recorded", "sure", "stage"),
    "allergies": ("substance", "type", "reaction", "criticality", "sure", "status"),
    "procedures": ("procedure", "when", "status"),
    "requests": ("request", "status", "when", "intent", "reason"),
    "drafts": ("order", "mg/day", "reason", "how", "status", "selected"),
}  # fmt: skip

LISTS = (
    "counted", "safety", "blocking_missing", "unknown", "known", "maybe_flags", "cards", "select_cards",
    "says", "says_not", "planning",
)  # fmt: skip
BASE = ("depression", "no known allergy", "blood pressure", "score", "item 9", "birth date")


class UnreadableCaseError(ValueError):
    """A vignette is not written as it has to be: says which, what, and what would be right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What the service has to answer. Flags, safety, gate and blocking gaps are judged exactly, always,
    but for "?" (not judged) and `maybe_flags` (may stand there too).

    `counts` names those that are judged; `counted`, `possible` are judged exactly where given;
    `not_counted` and `outcomes`, `days` (covered, qualifying), `doses` (mg/day) as far as they go.
    `planning` are the flags at caution whose weight is planning, exactly, where given.
    `unknown` are gaps that must be named, `known` gaps that must not; `cards` is "topic indicator" of
    every card of a hook call, where it does not follow from the conclusion (`select_cards`: where
    order-select differs); `says` and `says_not` are phrases of the cards. `criteria` are the statuses of
    the criteria of a policy, which only `tests/criteria` judges.
    """

    conclusion: str
    counts: Mapping[str, int] = field(default_factory=dict)
    counted: tuple[str, ...] | None = None
    possible: Mapping[str, str] | None = None
    not_counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    combined: tuple[tuple[str, ...], ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    doses: Mapping[str, float] = field(default_factory=dict)
    flags: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    safety: tuple[str, ...] = ()
    gate: str | None = None
    blocking_missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    maybe_flags: tuple[str, ...] = ()
    planning: tuple[str, ...] | None = None
    cards: tuple[str, ...] | None = None
    select_cards: tuple[str, ...] | None = None
    says: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    criteria: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One patient on one day: the base patient of the README, and what this one has besides or instead."""

    name: str
    title: str
    clause: str
    expected: Expected
    patient: Row = field(default_factory=dict)
    without: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()
    history: tuple[Row, ...] = ()
    measured: tuple[Row, ...] = ()
    conditions: tuple[Row, ...] = ()
    allergies: tuple[Row, ...] = ()
    procedures: tuple[Row, ...] = ()
    requests: tuple[Row, ...] = ()
    drafts: tuple[Row, ...] = ()
    not_retrievable: tuple[str, ...] = ()
    first_page_only: tuple[str, ...] = ()
    names_matter: bool = False  # the code alone does not say it


def codes() -> dict[str, Any]:
    """The names used in the cases and their codes."""
    return tomllib.loads((HERE / "codes.toml").read_text(encoding="utf-8"))


def all_cases() -> tuple[Case, ...]:
    """Every case of every file, in the order of the files."""
    found = tuple(case for path in sorted((HERE / "cases").glob("*.toml")) for case in read_cases(path))
    names = [case.name for case in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableCaseError(f"two cases have one title: {', '.join(twice)}")
    return found


def read_cases(path: Path) -> tuple[Case, ...]:
    """The cases of one file."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    defaults = document.pop("defaults", {})
    blocks = document.pop("case", [])
    if document:
        raise UnreadableCaseError(f"{path.name}: [defaults] and [[case]] are known, not {sorted(document)}")
    return tuple(
        _case(path.stem, row_block)
        for block in blocks
        for row_block in _each(path.stem, _merged(defaults, block))
    )


def _merged(defaults: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    """The block over the file's defaults; `expect` is merged entry by entry."""
    expect = {**defaults.get("expect", {}), **block.get("expect", {})}
    return {**defaults, **block, "expect": expect}


def _each(where: str, block: dict[str, Any]) -> list[dict[str, Any]]:
    """The block once for every row of its `each` table, or as it is."""
    if "each" not in block:
        return [block]
    rows = table(where, str(block["each"]))
    rest = {key: value for key, value in block.items() if key != "each"}
    return [{str(k): v for k, v in _filled(rest, row).items()} for row in rows]


def _filled(value: Any, row: Row) -> Any:
    """`value` with `{column}` replaced everywhere; keys and entries that come out empty are left out."""
    if isinstance(value, str):
        for column, cell in row.items():
            value = value.replace("{" + column + "}", cell)
        return value
    if isinstance(value, list):
        return [filled for filled in (_filled(item, row) for item in value) if filled != ""]
    if isinstance(value, dict):
        pairs = ((_filled(key, row), _filled(item, row)) for key, item in value.items())
        return {key: item for key, item in pairs if key != "" and item != ""}
    return value


def table(where: str, text: str) -> tuple[dict[str, str], ...]:
    """Rows of a table: columns parted by `|`, the first line names them."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.strip()]
    if not lines:
        raise UnreadableCaseError(f"{where}: a table without a line")
    header, *body = lines
    for cells in body:
        if len(cells) != len(header):
            raise UnreadableCaseError(f"{where}: {len(header)} columns are named, not {len(cells)}: {cells}")
    return tuple(dict(zip(header, cells, strict=True)) for cells in body)


def _case(stem: str, block: dict[str, Any]) -> Case:
    title = str(block.get("title", ""))
    where = f"{stem}: {title or 'a case without a title'}"
    unknown = set(block) - {f.name for f in fields(Case)} - {"expect"}
    if unknown or not title or "clause" not in block:
        raise UnreadableCaseError(f"{where}: needs title and clause, does not know {sorted(unknown)}")
    rows: dict[str, Any] = {key: _rows(where, key, block[key]) for key in COLUMNS if key in block}
    named = ("without", "trials", "not_retrievable", "first_page_only")
    lists: dict[str, Any] = {key: tuple(block[key]) for key in named if key in block}
    if set(lists.get("without", ())) - set(BASE):
        raise UnreadableCaseError(f"{where}: `without` knows {BASE}")
    return Case(
        name=where,
        title=title,
        clause=str(block["clause"]),
        patient={str(k): str(v) for k, v in block.get("patient", {}).items()},
        names_matter=bool(block.get("names_matter")),
        expected=_expected(where, block["expect"]),
        **rows,
        **lists,
    )


def _rows(where: str, key: str, text: str) -> tuple[dict[str, str], ...]:
    rows = tuple(row for row in table(f"{where}: {key}", text) if row[COLUMNS[key][0]])
    for row in rows:
        if set(row) - set(COLUMNS[key]):
            raise UnreadableCaseError(f"{where}: {key} has the columns {COLUMNS[key]}, not {sorted(row)}")
    return rows


def _expected(where: str, block: Mapping[str, Any]) -> Expected:
    unknown = set(block) - {f.name for f in fields(Expected)}
    if unknown or "conclusion" not in block:
        raise UnreadableCaseError(f"{where}: expect needs a conclusion and does not know {sorted(unknown)}")
    plain = {key: tuple(block[key]) for key in LISTS if key in block}
    return Expected(
        conclusion=block["conclusion"],
        counts={key: int(value) for key, value in block.get("counts", {}).items()},
        possible=block.get("possible"),
        not_counted={key: _either(value) for key, value in block.get("not_counted", {}).items()},
        combined=tuple(tuple(group) for group in block.get("combined", ())),
        outcomes=block.get("outcomes", {}),
        days={key: tuple(value) for key, value in block.get("days", {}).items()},
        doses={key: float(value) for key, value in block.get("doses", {}).items()},
        flags={key: levels(value) for key, value in block.get("flags", {}).items()},
        gate=block.get("gate"),
        profiles=block.get("profiles", {}),
        criteria=block.get("criteria", {}),
        **plain,
    )


def _either(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def levels(text: str) -> tuple[str | None, str | None]:
    """`caution` is caution for both routes; `caution / -` is caution for esketamine, nothing for ketamine."""
    esketamine, _, ketamine = text.partition("/")
    parts = (esketamine.strip(), (ketamine or esketamine).strip())
    return tuple(None if part == "-" else part for part in parts)  # type: ignore[return-value]  # two parts by construction
