"""Small numbers are not told, nor is what would give one away: cells of 1 to 10 people, also by subtraction.

The numbers of a summary are cells, and some are sums of others. A cell is hidden if it is small, or if a sum
of which all else is shown would tell a hidden one.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

MOST_HIDDEN = 10
"""The largest number of people that is never told, as health authorities commonly ask."""

Cell: TypeAlias = tuple[str, ...]


_TELLING = ("not", "open", "stratum", "reason", "any card", "card", "step")
"""Kinds of cells by their first word, from those that are never shown to those that are asked for first."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The cell `total` is the sum of `parts`."""

    total: Cell
    parts: tuple[Cell, ...]


def hidden_cells(values: Mapping[Cell, int], sums: Sequence[Sum]) -> AbstractSet[Cell]:
    """Return the cells that are not told: after the small ones those without which sums would tell them."""
    hidden = {cell for cell, value in values.items() if 0 < value <= MOST_HIDDEN}
    waiting = dict.fromkeys(range(len(sums)))
    homes: dict[Cell, list[int]] = {}
    for number, each in enumerate(sums):
        for cell in (each.total, *each.parts):
            homes.setdefault(cell, []).append(number)
    while waiting:
        number = next(iter(waiting))
        del waiting[number]
        for cell in _also_hidden(sums[number], values, hidden):
            hidden.add(cell)
            waiting |= dict.fromkeys(homes[cell])
    return hidden


def _also_hidden(each: Sum, values: Mapping[Cell, int], hidden: AbstractSet[Cell]) -> Sequence[Cell]:
    """Return what has to be hidden beside the hidden cells of a sum: of what is shown the least telling one.

    One hidden cell follows from the others; several parts that are few together are few each.
    """
    parts = [part for part in each.parts if part in hidden]
    few = sum(values[part] for part in parts) <= MOST_HIDDEN
    if each.total in hidden and parts:
        return ()
    if each.total not in hidden and (not parts or (len(parts) > 1 and not few)):
        return ()
    shown = [part for part in each.parts if part not in hidden]
    if each.total not in hidden and (len(parts) == 1 or not shown):
        shown.append(each.total)
    return sorted(shown, key=lambda cell: (_weight(cell), values[cell] == 0, values[cell]))[:1]


def _weight(cell: Cell) -> int:
    """Return how much a cell tells; what is not listed tells most."""
    return _TELLING.index(cell[0]) if cell[0] in _TELLING else len(_TELLING)
