"""The summary of a population: how far patients come, what they would be told, and what is missing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from mappings.knowledge import Knowledge
from service.population.counting import DANGER, POSSIBLE, FunnelStep, PopulationCounts
from service.population.suppression import MOST_HIDDEN, Cell, Sum, hidden_cells
from service.render.kinds import Kind

_STEPS = tuple(FunnelStep)
_ALL: Cell = ("patients",)
_ANY: Cell = ("any card", "any")
_MOST_NAMES = 100
Told = dict[str, Any]


def counts_of(
    rows: Iterable[Mapping[str, Any]],
    profiles: Sequence[str],
    groups: Mapping[str, Mapping[str, str]],
) -> Mapping[tuple[str, date], PopulationCounts]:
    """Count rows by definition and day; `groups` are strata of the site's own, by patient."""
    found: dict[tuple[str, date], PopulationCounts] = {}
    for row in rows:
        for profile in profiles:
            suffix = f"_{profile.replace('-', '_')}" if len(profiles) > 1 else ""
            counts = found.setdefault((profile, row["as_of"]), PopulationCounts())
            counts.add(row, suffix, groups.get(row["patient"], {}))
    return found


def summary(counts: PopulationCounts, knowledge: Knowledge) -> Told:
    """Return what is told of a population; None stands for a number that is not."""
    values, sums = _cells(counts)
    hidden = hidden_cells(values, sums)

    def told(*cell: str) -> int | None:
        return None if cell in hidden else values.get(cell, 0)

    return {
        "patients": told(*_ALL),
        "steps": [_step(step, counts, told) for step in _STEPS],
        "cards": [_card(kind, told) for kind in (_ANY[1], *_KINDS)],
        "triggers": _subsets("trigger", counts.triggers, told),
        "flags": _flags(counts, told, knowledge),
        "gaps": [
            each | {"title": _gap(each["id"], knowledge), "blocking": told("blocking", each["id"])}
            for each in _subsets("gap", counts.gaps, told)
        ],
        "lists_not_complete": _subsets("list", counts.lists, told),
        "unknown_medicines": _names(counts, told),
        "strata": _strata(counts, told),
    }


_KINDS = (Kind.SAFETY, Kind.RECOMMEND, Kind.CAUTION, Kind.INSUFFICIENT_DATA, Kind.NOT_ASSESSED)
Tell = Callable[..., int | None]


def _cells(counts: PopulationCounts) -> tuple[Mapping[Cell, int], Sequence[Sum]]:
    """Return every number that could be told, or subtracted, and which are sums of others."""
    values: dict[Cell, int] = {_ALL: counts.patients}
    sums: list[Sum] = []

    def add_sum(total: Cell, parts: Mapping[Cell, int]) -> None:
        values.update(parts)
        values.setdefault(total, sum(parts.values()))
        sums.append(Sum(total, tuple(parts)))

    def add_subset(cell: Cell, number: int) -> None:
        add_sum(_ALL, {cell: number, ("not", *cell): counts.patients - number})

    here = {step: sum(n for (at, _), n in counts.steps.items() if at is step) for step in _STEPS}
    reached = {step: sum(here[after] for after in _STEPS[place:]) for place, step in enumerate(_STEPS)}
    for step in _STEPS:
        reasons: dict[Cell, int] = {
            ("reason", step, why): n for (at, why), n in counts.steps.items() if at is step
        }
        add_sum(("step", step), reasons or {("reason", step, ""): 0})
    for step, following in pairwise(_STEPS):
        add_sum(("reached", step), {("step", step): here[step], ("reached", following): reached[following]})
    add_sum(("reached", FunnelStep.RECOMMEND), {("step", FunnelStep.RECOMMEND): here[FunnelStep.RECOMMEND]})
    add_sum(_ALL, {("step", step): number for step, number in here.items()})
    _add_cards(counts, values, add_sum, add_subset)
    for cell, number in _counted(counts).items():
        add_subset(cell, number)
    for gap, number in counts.gaps.items():
        blocking = counts.blocking[gap]
        add_sum(("gap", gap), {("blocking", gap): blocking, ("open", gap): number - blocking})
    for stratum in sorted({name for name, _, _ in counts.strata}):
        _add_strata(stratum, counts, add_sum)
    return values, sums


def _counted(counts: PopulationCounts) -> Mapping[Cell, int]:
    """Return the numbers of patients who have something, whatever else they have."""
    return {
        **{("trigger", name): n for name, n in counts.triggers.items()},
        **{("gap", name): n for name, n in counts.gaps.items()},
        **{("list", name): n for name, n in counts.lists.items()},
        **{("flag", *flag): n for flag, n in counts.flags.items()},
        **{("medicine", name): n for name, n in _common(counts)},
    }


def _add_cards(
    counts: PopulationCounts,
    values: Mapping[Cell, int],
    add_sum: Callable[[Cell, Mapping[Cell, int]], None],
    add_subset: Callable[[Cell, int], None],
) -> None:
    """Add the cards that opening each chart would show, of which most follow from the steps."""

    def parts(*cells: Cell) -> Mapping[Cell, int]:
        return {cell: values.get(cell, 0) for cell in cells}

    dangers: list[Cell] = [
        ("reason", FunnelStep.GATE, why)
        for at, why in counts.steps
        if at is FunnelStep.GATE and why.endswith(DANGER)
    ]
    possible: Cell = ("reason", FunnelStep.TRIALS, POSSIBLE)
    few = [possible] if possible in values else []
    add_sum(("card", Kind.RECOMMEND), parts(("step", FunnelStep.RECOMMEND)))
    add_sum(("card", Kind.CAUTION), parts(("step", FunnelStep.CAUTION), *dangers))
    add_sum(("card", Kind.INSUFFICIENT_DATA), parts(("step", FunnelStep.GAPS), *few))
    add_sum(("card", Kind.NOT_ASSESSED), parts(("step", FunnelStep.NO_DATA)))
    add_subset(("card", Kind.SAFETY), counts.safety_cards)
    decisions = [kind for kind in _KINDS if kind is not Kind.SAFETY]
    add_sum(_ANY, parts(*(("card", kind) for kind in decisions)))
    add_subset(_ANY, sum(values["card", kind] for kind in decisions))


def _add_strata(
    name: str, counts: PopulationCounts, add_sum: Callable[[Cell, Mapping[Cell, int]], None]
) -> None:
    groups = {group for at, group, _ in counts.strata if at == name}
    sizes: dict[Cell, int] = {}
    for group in groups:
        cells: dict[Cell, int] = {
            ("stratum", name, group, step): counts.strata[name, group, step] for step in _STEPS
        }
        add_sum(("group", name, group), cells)
        sizes["group", name, group] = sum(cells.values())
    add_sum(_ALL, sizes)
    for step in _STEPS:
        add_sum(
            ("step", step),
            {("stratum", name, group, step): counts.strata[name, group, step] for group in groups},
        )


def _step(step: FunnelStep, counts: PopulationCounts, told: Tell) -> Told:
    reasons = sorted(
        (why for at, why in counts.steps if at is step and why), key=lambda why: -counts.steps[step, why]
    )
    return {
        "step": str(step),
        "reached": told("reached", step),
        "here": told("step", step),
        "reasons": [{"reason": why, "patients": told("reason", step, why)} for why in reasons],
    }


def _card(kind: str, told: Tell) -> Told:
    number, whole = told(*(_ANY if kind == _ANY[1] else ("card", kind))), told(*_ALL)
    rate = None if number is None or not whole else round(1000 * number / whole, 1)
    return {"kind": str(kind), "patients": number, "per_1000": rate}


def _subsets(kind: str, counts: Mapping[str, int], told: Tell) -> list[Told]:
    return [
        {"id": name, "patients": told(kind, name)}
        for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _flags(counts: PopulationCounts, told: Tell, knowledge: Knowledge) -> list[Told]:
    titles = {str(row.id): row.title for row in knowledge.flags.flag}
    return [
        {
            "id": flag,
            "title": titles.get(flag, flag),
            "route": route,
            "level": level,
            "patients": told("flag", flag, route, level),
        }
        for (flag, route, level), _ in sorted(counts.flags.items(), key=lambda item: (-item[1], item[0]))
    ]


def _gap(name: str, knowledge: Knowledge) -> str:
    return knowledge.wording.words["gap"].get(name, name)


def _common(counts: PopulationCounts) -> Sequence[tuple[str, int]]:
    """Return the names that most patients have, but none that few have."""
    common = [(name, n) for name, n in counts.medicines.items() if n > MOST_HIDDEN]
    return sorted(common, key=lambda item: (-item[1], item[0]))[:_MOST_NAMES]


def _names(counts: PopulationCounts, told: Tell) -> Told:
    names = _common(counts)
    return {
        "names": [{"name": name, "patients": told("medicine", name)} for name, _ in names],
        "other_names": len(counts.medicines) - len(names),
    }


def _strata(counts: PopulationCounts, told: Tell) -> list[Told]:
    found = sorted({(name, group) for name, group, _ in counts.strata})
    return [
        {
            "stratum": name,
            "group": group,
            "patients": told("group", name, group),
            "steps": {str(step): told("stratum", name, group, step) for step in _STEPS},
        }
        for name, group in found
    ]
