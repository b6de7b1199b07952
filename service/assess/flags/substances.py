"""Substance use disorders: active, in early or in sustained remission, judged substance by substance.

A later entry of remission ends an earlier entry of use of the same substance. Remission whose start
is not recorded is early remission.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from mappings.flag_figures import Substance, SubstanceUse
from mappings.flags import FlagKind, FlagRow, FlagTable
from service.assess.entries import Recognised, by_words_only, described, icd_codes, recognised
from service.assess.flags.conditions import believed, remission_start
from service.assess.flags.hits import Hit, hit
from service.assess.problem_list import Named, naming
from service.assess.recency import may_be_within, surely_after
from service.clinical.facts import Manner, PatientFacts, Problem
from service.clinical.partial_date import PartialDate
from service.clinical.statement import Stance

ACTIVE = FlagKind.SUBSTANCE_ACTIVE
EARLY = FlagKind.SUBSTANCE_EARLY_REMISSION
SUSTAINED = FlagKind.SUBSTANCE_SUSTAINED_REMISSION


class SubstanceState(Struct, frozen=True, kw_only=True, gc=False):
    """What the record says of one substance: `state` and, in remission, since when (None: unknown)."""

    substance: Substance
    state: str
    since: PartialDate | None
    entries: tuple[Problem, ...]


def substance_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return the hits of the substances whose state is the kind of `row`."""
    rule = table.substance_use
    uses = (_use(substance, facts.problems, rule, as_of) for substance in rule.substance)
    return tuple(
        _hit(row, use, entry, table) for use in uses if use and use.state == row.kind for entry in use.entries
    )


def _use(
    substance: Substance, problems: Sequence[Problem], rule: SubstanceUse, as_of: date
) -> SubstanceState | None:
    named = _about(problems, substance, rule)
    if not named:
        return None
    about = {mention.problem.reference: mention.found for mention in named}
    entries = [mention.problem for mention in named]
    remission = [entry for entry in entries if _in_remission(entry, substance, rule)]
    use = [entry for entry in entries if not _in_remission(entry, substance, rule)]
    active = [
        problem for problem in use if problem.active and about[problem.reference].stance is Stance.AFFIRMED
    ]
    ended_on = _latest_start(remission)
    unended = tuple(problem for problem in active if not _ended_by(problem, ended_on))
    if unended:
        return SubstanceState(substance=substance, state=ACTIVE, since=None, entries=unended)
    now = frozenset(problem.reference for problem in active)
    ended = [problem for problem in use if problem.reference not in now]
    since = _since(remission, ended, use)
    state = EARLY if since is None or may_be_within(since, rule.remission_days - 1, as_of) else SUSTAINED
    return SubstanceState(
        substance=substance, state=state, since=since, entries=tuple(remission or ended or active)
    )


def _about(problems: Sequence[Problem], substance: Substance, rule: SubstanceUse) -> list[Named]:
    """Return the entries about a substance; the last row takes disorders that name none."""
    named = naming(problems, substance)
    about = [entry for entry in named if entry.found.had and _sure(entry.problem, rule)]
    if substance is not rule.substance[-1]:
        return about
    places, unnamed = {entry.place for entry in named}, Recognised(manner=Manner.CODE, stance=Stance.AFFIRMED)
    about += [
        Named(place, problem, unnamed)
        for place, problem in enumerate(problems)
        if place not in places and _disorder(problem, rule) and not _grouped(problem, rule)
    ]
    return sorted(about, key=lambda entry: entry.place)


def _sure(problem: Problem, rule: SubstanceUse) -> bool:
    return bool(icd_codes(problem)) or by_words_only(problem) or _disorder(problem, rule)


def _disorder(problem: Problem, rule: SubstanceUse) -> bool:
    groups = problem.groups
    return not (groups.isdisjoint(rule.active_snomed) and groups.isdisjoint(rule.remission_snomed))


def _grouped(problem: Problem, rule: SubstanceUse) -> bool:
    """Tell whether a row already names the substance, by ICD-10 code or else by SNOMED CT group."""
    if any(
        code.startswith(substance.codes.prefixes)
        for code in icd_codes(problem)
        for substance in rule.substance
    ):
        return True
    return any(not problem.groups.isdisjoint(substance.snomed) for substance in rule.substance)


def _in_remission(problem: Problem, substance: Substance, rule: SubstanceUse) -> bool:
    if not problem.groups.isdisjoint(rule.remission_snomed):
        return True
    if any(code.startswith(substance.remission.prefixes) for code in icd_codes(problem)):
        return True
    return by_words_only(problem) and rule.remission_words.in_text(problem.text)


def _latest_start(remission: list[Problem]) -> PartialDate | None:
    """Return the latest start of a confirmed remission, by its first possible day, then by the hour."""
    starts = [
        start for problem in remission if not problem.unconfirmed and (start := remission_start(problem))
    ]
    return max(starts, key=lambda start: (start.first, start.instant or 0.0), default=None)


def _ended_by(active: Problem, remission: PartialDate | None) -> bool:
    return active.dated is not None and remission is not None and surely_after(remission, active.dated)


def _since(remission: list[Problem], ended: list[Problem], use: list[Problem]) -> PartialDate | None:
    """Return the earliest stated start of remission that no later use contradicts; None when unknown."""
    stated = [remission_start(problem) for problem in remission]
    stated += [problem.dated if problem.lapsed else problem.abatement for problem in ended]
    starts = [start for start in stated if start]
    began = [problem.dated for problem in use if problem.dated]
    last = max(began, key=lambda day: (day.first, day.instant or 0.0), default=None)
    lasting = [start for start in starts if last is None or not surely_after(last, start)]
    return min(lasting, key=lambda start: start.last, default=None)


def _hit(row: FlagRow, use: SubstanceState, problem: Problem, table: FlagTable) -> Hit:
    rule = table.substance_use
    lasting = use.state == SUSTAINED and _lasting(problem, rule)
    remarks = (
        _described_state(use, rule),
        rule.use_only_remark if _use_only(problem, rule) else "",
        rule.lasting_remark if _lasting(problem, rule) else "",
    )
    remark = ", ".join(filter(None, remarks))
    found = hit(
        row,
        f"{use.substance.name}: {described(problem, use.substance, table.words, remark)}",
        problem.reference,
        esketamine=rule.lasting_level if lasting else "",
        ketamine=rule.lasting_level if lasting else "",
    )
    named = recognised(problem, use.substance)
    own = (use.substance.text,)
    return believed(row, found, problem, named, own, table.words) or found if named else found


def _described_state(use: SubstanceState, rule: SubstanceUse) -> str:
    if use.state == ACTIVE:
        return ""
    return rule.since_text.format(day=use.since) if use.since else rule.since_unknown


def _use_only(problem: Problem, rule: SubstanceUse) -> bool:
    return any(code.startswith(rule.use_only.prefixes) for code in icd_codes(problem))


def _lasting(problem: Problem, rule: SubstanceUse) -> bool:
    groups = not problem.groups.isdisjoint(rule.lasting_snomed)
    return groups or rule.lasting_words.in_text(problem.text)
