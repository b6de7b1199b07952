"""What raises a flag: one finding with its level on each route, its words and its evidence."""

from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from mappings.entries import EntryWords
from mappings.flags import LABEL, WITHIN_LABEL, FlagRow
from service.assess.entries import described_manner
from service.clinical.assessment import Flag, Hold, Level, Weight
from service.clinical.facts import Manner

_HEAVIEST_FIRST = (Level.CONTRAINDICATION, Level.CAUTION, Level.INFO)
_LOWER = {Level.CONTRAINDICATION: Level.CAUTION, Level.CAUTION: Level.INFO, Level.INFO: Level.INFO}


class Hit(Struct, frozen=True, kw_only=True, gc=False):
    """One finding under a flag.

    The bases say what a contraindication rests on, `weight` whether a caution decides on its own. `marks`
    are what it can be paired with others by, `drug` is the medicine that it is, if it is one. `danger`: it is
    a contraindication that only doubt about the record made less. `title` says more than the flag's title.
    """

    esketamine: Level | None
    ketamine: Level | None
    text: str
    evidence: tuple[str, ...]
    esketamine_basis: str = LABEL
    ketamine_basis: str = LABEL
    weight: Weight = Weight.CLINICAL
    marks: frozenset[str] = frozenset()
    drug: tuple[str, ...] = ()
    danger: bool = False
    title: str = ""


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
    ketamine_basis: str = "",
    weight: str = "",
    marks: frozenset[str] = frozenset(),
) -> Hit:
    """Return a hit under `row`, with the values of the flag where none are given."""
    levels = level(esketamine, row.esketamine), level(ketamine, row.ketamine)
    weighs = not {Level.CONTRAINDICATION, Level.CAUTION}.isdisjoint(levels)
    return Hit(
        esketamine=levels[0],
        ketamine=levels[1],
        text=text,
        evidence=evidence,
        esketamine_basis=basis or row.basis,
        ketamine_basis=ketamine_basis or basis or row.ketamine_basis or row.basis,
        weight=Weight(weight or row.weight),
        marks=marks | ({row.id} if weighs else frozenset()),
    )


def lowered(found: Hit) -> Hit:
    """Return the hit one level lower on both routes, as for a suspicion; information stays so.

    A suspicion carries no marks: it is not combined with other findings.
    """
    return replace(_doubted(found, lambda level: _LOWER[level]), marks=frozenset())


def at_most(found: Hit, most: Level) -> Hit:
    """Return the hit with no level above `most`."""
    return _doubted(found, lambda level: max(level, most, key=_HEAVIEST_FIRST.index))


def believed_as(found: Hit, manner: Manner, words: EntryWords) -> Hit:
    """Return the hit as its finding was recognised: by words alone it is at most a caution."""
    remark = described_manner(manner, words)
    known = replace(found, text=f"{found.text}, {remark}") if remark else found
    return at_most(known, Level.CAUTION) if manner is Manner.WORDS else known


def at_least_level(found: Hit, least: Level | None) -> Hit:
    """Return the hit raised to at least `least`; unchanged where `least` is empty."""
    if least is None:
        return found
    return _doubted(found, lambda level: min(level, least, key=_HEAVIEST_FIRST.index))


def at_level(found: Hit, level: Level) -> Hit:
    """Return the hit with `level` on both routes, even one that its rule leaves out."""
    return replace(found, esketamine=level, ketamine=level, danger=contraindicates(found), marks=frozenset())


def contraindicates(found: Hit) -> bool:
    """Tell whether the hit contraindicates a route, or would but for doubt about the record."""
    return found.danger or Level.CONTRAINDICATION in (found.esketamine, found.ketamine)


def _doubted(found: Hit, changed: Callable[[Level], Level]) -> Hit:
    return replace(
        found,
        esketamine=found.esketamine and changed(found.esketamine),
        ketamine=found.ketamine and changed(found.ketamine),
        danger=contraindicates(found),
    )


def heaviest(levels: Iterable[Level | None]) -> Level | None:
    """Return the level that weighs most; None when there is none."""
    stated = set(levels)
    return next((level for level in _HEAVIEST_FIRST if level in stated), None)


def weight(finding: Hit) -> int:
    """Return the rank of the heaviest level of the hit; a higher rank is heavier."""
    level = heaviest((finding.esketamine, finding.ketamine))
    return -_HEAVIEST_FIRST.index(level) if level else -len(_HEAVIEST_FIRST)


def at_least(one: Level | None, other: Level | None) -> bool:
    """Tell whether level `one` weighs as much as `other` or more."""
    return heaviest((one, other)) == one


def flag(row: FlagRow, hits: tuple[Hit, ...], words: EntryWords) -> Flag:
    """Return the flag that `hits` raise: on each route the heaviest level, the evidence of all of them."""
    esketamine = heaviest(finding.esketamine for finding in hits)
    ketamine = heaviest(finding.ketamine for finding in hits)
    return Flag(
        id=row.id,
        title=next((finding.title for finding in hits if finding.title), row.title),
        esketamine=esketamine,
        ketamine=ketamine,
        text=row.text.format(findings=_described(hits, words)),
        evidence=tuple(dict.fromkeys(reference for finding in hits for reference in finding.evidence)),
        hold=_hold(hits),
        weight=_weight(hits, (esketamine, ketamine)),
        danger=row.danger or any(map(contraindicates, hits)),
        warns_on_order=row.warns_on_order,
        sources=row.sources,
    )


def _described(hits: tuple[Hit, ...], words: EntryWords) -> str:
    """Return the findings as text, heaviest first; a long list is cut and states its length."""
    ranked = sorted(hits, key=weight, reverse=True)
    texts = tuple(dict.fromkeys(finding.text for finding in ranked))
    more = len(texts) - words.shown
    return "; ".join((*texts[: words.shown], *([words.more.format(count=more)] if more > 0 else [])))


def _weight(hits: tuple[Hit, ...], levels: tuple[Level | None, Level | None]) -> Weight:
    """Return the weight of the flag: clinical for a contraindication or any clinical finding."""
    weighing = [
        finding for finding in hits if heaviest((finding.esketamine, finding.ketamine)) is heaviest(levels)
    ]
    decides = any(finding.weight is Weight.CLINICAL for finding in weighing)
    return Weight.CLINICAL if Level.CONTRAINDICATION in levels or decides else Weight.PLANNING


def _hold(hits: tuple[Hit, ...]) -> Hold:
    """Return the routes on which no contraindication rests on a label that names it."""
    esketamine = {
        finding.esketamine_basis for finding in hits if finding.esketamine is Level.CONTRAINDICATION
    }
    ketamine = {finding.ketamine_basis for finding in hits if finding.ketamine is Level.CONTRAINDICATION}
    return Hold(
        esketamine=bool(esketamine) and LABEL not in esketamine,
        ketamine=bool(ketamine) and LABEL not in ketamine,
        within_label=ketamine == {WITHIN_LABEL},
    )
