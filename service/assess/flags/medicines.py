"""Flags that medicines in use raise."""

from dataclasses import replace
from datetime import date

from mappings.entries import EntryWords
from mappings.flags import FlagRow, FlagTable, MedicineInUse
from service.assess.flags.circumstances import hold_for
from service.assess.flags.hits import Hit, hit, lowered, weight
from service.assess.in_use import dispensed_orders, last_day, may_be_running, running
from service.clinical.facts import Exposure, PatientFacts, Source


def medicine_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for every exposure that a rule of `row` fits; the first rule that fits it is used."""
    holding = [rule for rule in row.medicine if hold_for(rule.given, rule.unless, facts, table, as_of)]
    if not holding:
        return ()
    dispensed = dispensed_orders(facts.exposures)
    found = [
        (exposure, one)
        for exposure in facts.exposures
        if (one := _first_hit(row, holding, exposure, dispensed, table, as_of))
    ]
    return _told_once(found)


def _told_once(found: list[tuple[Exposure, Hit]]) -> tuple[Hit, ...]:
    """Let all hits of one drug and kind of witness say what the heaviest, then latest, of them says."""
    ranked = sorted(found, key=lambda pair: (weight(pair[1]), _started(pair[0])))
    told = {_witness(exposure): one.text for exposure, one in ranked}
    return tuple(replace(one, text=told[_witness(exposure)]) for exposure, one in found)


def _witness(exposure: Exposure) -> tuple[tuple[str, ...], Source]:
    return exposure.product.ingredients, exposure.source


def _started(exposure: Exposure) -> date:
    return exposure.start.last if exposure.start else date.min


def _first_hit(
    row: FlagRow,
    rules: list[MedicineInUse],
    exposure: Exposure,
    dispensed: frozenset[str],
    table: FlagTable,
    as_of: date,
) -> Hit | None:
    for rule in rules:
        if not _names(rule, exposure):
            continue
        if running(exposure, as_of, rule.days):
            return _hit(row, rule, exposure, table.words, doubt="")
        if may_be_running(exposure, dispensed, as_of, table.medicine.doubt_days):
            doubtful = _hit(row, rule, exposure, table.words, doubt=table.words.doubtful)
            return doubtful if rule.doubt_counts else lowered(doubtful)
    return None


def _names(rule: MedicineInUse, exposure: Exposure) -> bool:
    product = exposure.product
    if rule.as_needed and not exposure.as_needed:
        return False
    if rule.routes and product.route and product.route not in rule.routes:
        return False
    return not rule.groups.isdisjoint(product.groups) or not rule.ingredients.isdisjoint(product.ingredients)


def _hit(row: FlagRow, rule: MedicineInUse, exposure: Exposure, words: EntryWords, doubt: str) -> Hit:
    remarks = ", ".join(one for one in (_used(exposure, words), doubt, rule.remark) if one)
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
    """How the record witnesses the use, and until when."""
    day, end = exposure.start or words.undated, last_day(exposure)
    match exposure.source, end:
        case Source.ORDER, None:
            return words.ordered.format(day=day)
        case Source.ORDER, _:
            return words.ordered_until.format(day=day, end=end)
        case Source.DISPENSE, None:
            return words.supplied.format(day=day)
        case Source.DISPENSE, _:
            return words.supplied_until.format(day=day, end=end)
        case Source.ADMINISTRATION, _:
            return words.given_on.format(day=day)
        case _:
            return words.reported.format(day=day)
