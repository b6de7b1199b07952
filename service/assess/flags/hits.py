"""What raises a flag: one finding with its level on each route, its words and its evidence."""

from collections.abc import Iterable
from dataclasses import dataclass

from mappings.entries import EntryWords
from mappings.flags import FlagRow
from service.clinical.assessment import Flag, Hold, Level

_HEAVIEST_FIRST = (Level.CONTRAINDICATION, Level.CAUTION, Level.INFO)
_LOWER = {Level.CONTRAINDICATION: Level.CAUTION, Level.CAUTION: Level.INFO, Level.INFO: Level.INFO}


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One finding under a flag. `label` tells that a contraindication rests on a label, not on a default."""

    esketamine: Level | None
    ketamine: Level | None
    text: str
    evidence: tuple[str, ...]
    label: bool = True


def level(own: str, of_flag: str) -> Level | None:
    """Return the level that a rule states, else the flag's; None when the route is not concerned."""
    stated = own or of_flag
    return None if stated == "none" else Level(stated)


def hit(
    row: FlagRow,
    text: str,
    *evidence: str,
    esketamine: str = "",
    ketamine: str = "",
    basis: str = "",
) -> Hit:
    """Return a hit under `row`; what is not stated is as the flag says."""
    return Hit(
        esketamine=level(esketamine, row.esketamine),
        ketamine=level(ketamine, row.ketamine),
        text=text,
        evidence=evidence,
        label=(basis or row.basis) == "label",
    )


def lowered(found: Hit) -> Hit:
    """Return the hit one level lower on both routes, as for a suspicion; information stays so."""
    return Hit(
        esketamine=found.esketamine and _LOWER[found.esketamine],
        ketamine=found.ketamine and _LOWER[found.ketamine],
        text=found.text,
        evidence=found.evidence,
        label=found.label,
    )


def heaviest(levels: Iterable[Level | None]) -> Level | None:
    """Return the level that weighs most; None when there is none."""
    stated = set(levels)
    return next((one for one in _HEAVIEST_FIRST if one in stated), None)


def weight(one: Hit) -> int:
    """Return how much the hit weighs on the route on which it weighs most; more is heavier."""
    level = heaviest((one.esketamine, one.ketamine))
    return -_HEAVIEST_FIRST.index(level) if level else -len(_HEAVIEST_FIRST)


def at_least(one: Level | None, other: Level | None) -> bool:
    """Tell whether level `one` weighs as much as `other` or more."""
    return heaviest((one, other)) == one


def flag(row: FlagRow, hits: tuple[Hit, ...], words: EntryWords) -> Flag:
    """Return the flag that `hits` raise: on each route the heaviest level, the evidence of all of them."""
    return Flag(
        id=row.id,
        title=row.title,
        esketamine=heaviest(one.esketamine for one in hits),
        ketamine=heaviest(one.ketamine for one in hits),
        text=row.text.format(findings=_told(hits, words)),
        evidence=tuple(dict.fromkeys(reference for one in hits for reference in one.evidence)),
        hold=Hold(
            esketamine=_hold((one.esketamine, one.label) for one in hits),
            ketamine=_hold((one.ketamine, one.label) for one in hits),
        ),
        sources=row.sources,
    )


def _told(hits: tuple[Hit, ...], words: EntryWords) -> str:
    """The findings, the heaviest first; a long list is cut and its length is said."""
    ranked = sorted(hits, key=weight, reverse=True)
    texts = tuple(dict.fromkeys(one.text for one in ranked))
    more = len(texts) - words.shown
    return "; ".join((*texts[: words.shown], *([words.more.format(count=more)] if more > 0 else [])))


def _hold(levels: Iterable[tuple[Level | None, bool]]) -> bool:
    """Tell whether, on one route, every contraindication rests on a default of this rule set."""
    labels = [label for level, label in levels if level is Level.CONTRAINDICATION]
    return bool(labels) and not any(labels)
