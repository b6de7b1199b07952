"""Flags that medicines in use raise."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from mappings.entries import EntryWords
from mappings.flags import FlagRow, FlagTable, MedicineInUse
from service.assess.flags.circumstances import hold_for
from service.assess.flags.hits import Hit, hit, lowered, weight
from service.assess.in_use import dispensed_orders, last_day, may_be_running, running
from service.clinical.facts import Exposure, PatientFacts, SourceKind


class Medicines(Struct, frozen=True, kw_only=True, gc=False):
    """The medicines of a record by group and ingredient, grouped once for all rules.

    `dispensed` are the orders that were dispensed.
    """

    exposures: Sequence[Exposure]
    by_group: Mapping[str, Sequence[int]]
    by_ingredient: Mapping[str, Sequence[int]]
    dispensed: frozenset[str]

    def named(self, rule: MedicineInUse) -> Sequence[int]:
        """Return the places of the medicines that the rule names, in order."""
        if self.by_group.keys().isdisjoint(rule.groups) and self.by_ingredient.keys().isdisjoint(
            rule.ingredients
        ):
            return ()
        lists = [self.by_group[name] for name in rule.groups if name in self.by_group]
        lists += [self.by_ingredient[name] for name in rule.ingredients if name in self.by_ingredient]
        return sorted({place for listed in lists for place in listed})


def grouped(exposures: Sequence[Exposure]) -> Medicines:
    """Return the medicines of a record, grouped."""
    groups, ingredients = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for place, exposure in enumerate(exposures):
        for name in exposure.product.groups:
            groups[name].append(place)
        for name in exposure.product.ingredients:
            ingredients[name].append(place)
    return Medicines(
        exposures=exposures,
        by_group=groups,
        by_ingredient=ingredients,
        dispensed=dispensed_orders(exposures),
    )


def medicine_hits(
    row: FlagRow, medicines: Medicines, facts: PatientFacts, table: FlagTable, as_of: date
) -> tuple[Hit, ...]:
    """Return a hit for every exposure that a rule of `row` fits; the first rule that fits it is used."""
    first: dict[int, Hit] = {}
    for rule in row.medicine:
        named = medicines.named(rule)
        if named and hold_for(rule.given, rule.unless, facts, table, as_of):
            for place in named:
                if place not in first and (raised := _rule_hit(row, rule, place, medicines, table, as_of)):
                    first[place] = raised
    if not first:
        return ()
    return _each_once([(medicines.exposures[place], first[place]) for place in sorted(first)])


def _each_once(found: list[tuple[Exposure, Hit]]) -> tuple[Hit, ...]:
    """Return the hits; those of one drug and kind of witness share the text of the heaviest, latest one."""
    ranked = sorted(found, key=lambda pair: (weight(pair[1]), _started(pair[0])))
    texts = {_witness(exposure): raised.text for exposure, raised in ranked}
    return tuple(replace(raised, text=texts[_witness(exposure)]) for exposure, raised in found)


def _witness(exposure: Exposure) -> tuple[tuple[str, ...], SourceKind]:
    return exposure.product.ingredients, exposure.source


def _started(exposure: Exposure) -> date:
    return exposure.start.last if exposure.start else date.min


def _rule_hit(
    row: FlagRow, rule: MedicineInUse, place: int, medicines: Medicines, table: FlagTable, as_of: date
) -> Hit | None:
    exposure = medicines.exposures[place]
    if not _taken_so(rule, exposure):
        return None
    if running(exposure, as_of, rule.days):
        return _hit(row, rule, exposure, table.words, doubt="")
    if may_be_running(exposure, medicines.dispensed, as_of, table.medicine.doubt_days):
        doubtful = _hit(row, rule, exposure, table.words, doubt=table.words.doubtful)
        return doubtful if rule.doubt_counts else lowered(doubtful)
    return None


def _taken_so(rule: MedicineInUse, exposure: Exposure) -> bool:
    """Tell whether the medicine is taken as needed, or by a route, as the rule requires."""
    if rule.as_needed and not exposure.as_needed:
        return False
    return not (rule.routes and exposure.product.route and exposure.product.route not in rule.routes)


def _hit(row: FlagRow, rule: MedicineInUse, exposure: Exposure, words: EntryWords, doubt: str) -> Hit:
    remarks = ", ".join(filter(None, (_used(exposure, words), doubt, rule.remark)))
    found = hit(
        row,
        f"{' / '.join(exposure.product.ingredients) or exposure.ingredient} ({remarks})",
        exposure.reference,
        esketamine=rule.esketamine,
        ketamine=rule.ketamine,
        basis=rule.basis,
        weight=rule.weight,
        marks=exposure.product.groups,
    )
    return replace(found, drug=exposure.product.ingredients)


def _used(exposure: Exposure, words: EntryWords) -> str:
    """Return in words how the record witnesses the use, and until when."""
    day, end = exposure.start or words.undated, last_day(exposure)
    match exposure.source, end:
        case SourceKind.ORDER, None:
            return words.ordered.format(day=day)
        case SourceKind.ORDER, _:
            return words.ordered_until.format(day=day, end=end)
        case SourceKind.DISPENSE, None:
            return words.supplied.format(day=day)
        case SourceKind.DISPENSE, _:
            return words.supplied_until.format(day=day, end=end)
        case SourceKind.ADMINISTRATION, _:
            return words.given_on.format(day=day)
        case _:
            return words.reported.format(day=day)
