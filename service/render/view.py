"""The view of an assessment: the rows that cards, report and pages show, worded once."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from mappings.gaps import GapId
from mappings.sources import SourceRow
from mappings.wording import Wording
from service.clinical.assessment import Assessment, Augmentation, Conclusion, Flag, Gap, SafetyTrigger
from service.clinical.facts import Completeness, PatientFacts, Unreadable
from service.clinical.order_check import OrderCheck
from service.clinical.routes import (
    ROUTES,
    Route,
    cautions,
    decides,
    heaviest,
    heaviest_first,
    level_word,
    on_route,
    planned,
)
from service.render import courses
from service.render.context import say_plain
from service.render.escape import plain
from service.render.fitting import listed
from service.render.kinds import Kind, highest_trigger, not_assessable_reason
from service.render.rows import LevelWord, ListRow, ShownFact, ShownFlag, ShownGap, TreatmentRow, View
from service.render.summaries import decision_summary, not_assessed_summary, safety_summary

_LONGEST = 1000  # characters of one text of the record on a page
_REFERENCES = 6  # of one statement; the others are counted


def view(
    wording: Wording, assessment: Assessment, longest: int = _LONGEST, order: OrderCheck | None = None
) -> View:
    """Return the rows; no text of the record in them is longer than `longest`.

    On a card about an `order` its routes decide how the flags are listed.
    """
    conclusion = assessment.conclusion.value if assessment.assessable else Kind.NOT_ASSESSED.value
    gaps = [_gap(wording, gap, wording.limits.gaps) for gap in assessment.missing]
    return View(
        conclusion=conclusion,
        title=wording.words["conclusion"][conclusion],
        summary=_summary(wording, assessment),
        gate=_gate(assessment, longest),
        safety_summary=_safety_summary(wording, assessment.safety),
        safety=_triggers(wording, assessment.safety, longest),
        lowered=_triggers(wording, assessment.lowered_safety, longest),
        routes=tuple(_route(wording, assessment.flags, route, longest) for route in ROUTES),
        counts=courses.counted(wording, assessment.counts),
        trials=tuple(
            courses.trial_row(wording, trial, longest) for trial in courses.ranked(assessment.trials)
        ),
        augmentations=tuple(_treatment(wording, given, longest) for given in assessment.augmentations),
        flags=tuple(
            _flag(wording, flag, longest, order)
            for flag in heaviest_first(assessment.flags, order.routes if order else ROUTES)
        ),
        needed=tuple(gap for gap in gaps if gap.of.blocking),
        unknown=tuple(gap for gap in gaps if not gap.of.blocking),
        episode=plain(assessment.episode.text, longest),
        severity=plain(assessment.severity, longest),
        unreadable=_left_out(assessment.unreadable, longest),
        set_aside=tuple(
            ShownFact(text=plain(entry.reason, longest), evidence=_all((entry.reference,), longest))
            for entry in assessment.set_aside
        ),
        basis=_basis(wording, assessment),
    )


def page_view(
    wording: Wording, assessment: Assessment, facts: PatientFacts, sources: Sequence[SourceRow]
) -> View:
    """Return the view for a page, with the lists that came and the `sources` that it rests on."""
    return replace(
        view(wording, assessment),
        whole=_whole(wording, facts),
        lacking=_lacking(wording, facts),
        sources=tuple(sources),
    )


def cited(
    assessment: Assessment, definition: Iterable[str], known: Mapping[str, SourceRow]
) -> list[SourceRow]:
    """Return the sources of the `definition` used and of the flags, each once."""
    ids = [*definition, *(source for flag in assessment.flags for source in flag.sources)]
    return [known[source] for source in dict.fromkeys(ids)]


def references(wording: Wording, evidence: Sequence[str]) -> str:
    """Return the first resources that a statement rests on, and the number of the others."""
    if not evidence:
        return wording.sentence("gaps.no_evidence")
    names, rest = ", ".join(evidence[:_REFERENCES]), len(evidence) - _REFERENCES
    return wording.sentence("list.more").format(names=names, count=rest) if rest > 0 else names


def _summary(wording: Wording, assessment: Assessment) -> str:
    if not assessment.assessable:
        return not_assessed_summary(wording, not_assessable_reason(assessment))
    if assessment.conclusion is not Conclusion.NONE:
        return decision_summary(wording, assessment)
    counts = assessment.counts
    return say_plain(wording, "view.none", counted=counts.counted, possible=counts.possible)


def _gate(assessment: Assessment, longest: int) -> ShownFact | None:
    gate = assessment.gate
    if gate is None:
        return None
    return ShownFact(
        id=gate.id, text=plain(gate.text, longest).rstrip("."), evidence=_all(gate.evidence, longest)
    )


def _safety_summary(wording: Wording, triggers: tuple[SafetyTrigger, ...]) -> str:
    if not triggers:
        return ""
    trigger, text = highest_trigger(triggers, wording)
    return safety_summary(wording, text, trigger.text)


def _triggers(wording: Wording, triggers: Sequence[SafetyTrigger], longest: int) -> tuple[ShownFact, ...]:
    return tuple(
        ShownFact(id=each.id, text=listed(wording, each.text, longest), evidence=_all(each.evidence, longest))
        for each in triggers
    )


def _route(wording: Wording, flags: Sequence[Flag], route: Route, longest: int) -> LevelWord:
    level, found = heaviest(flags, route)
    return LevelWord(
        route=wording.words["route"][route],
        level=on_route(found[0], route) if found else None,
        word=wording.words["level"][level],
        findings=", ".join(plain(flag.title, longest) for flag in found),
    )


def _treatment(wording: Wording, given: Augmentation, longest: int) -> TreatmentRow:
    return TreatmentRow(
        of=given,
        name=plain(given.name, wording.limits.name),
        dates=courses.dates(wording, given),
        text=listed(wording, given.text, longest),
        evidence=_all(given.evidence, longest),
    )


def _flag(wording: Wording, flag: Flag, longest: int, order: OrderCheck | None) -> ShownFlag:
    return ShownFlag(
        of=flag,
        id=flag.id,
        title=plain(flag.title, wording.limits.name),
        levels=tuple(_flag_level(wording, flag, route) for route in ROUTES),
        level=_level(wording, flag),
        group=_group(flag, order.routes if order else ROUTES, ordered=order is not None),
        text=listed(wording, flag.text, longest),
        evidence=_all(flag.evidence, longest),
    )


def _group(flag: Flag, routes: Sequence[Route], *, ordered: bool) -> str:
    """Return the group that lists the flag: deciding, planned for, or for information."""
    if decides(flag, routes) or (ordered and cautions([flag], routes)):
        return "deciding"
    return "planning" if planned([flag], routes) else "info"


def _flag_level(wording: Wording, flag: Flag, route: Route) -> LevelWord:
    level = level_word(flag, route)
    return LevelWord(
        route=wording.words["route"][route],
        level=on_route(flag, route),
        word=wording.words["level"][level] if level else "–",
    )


def _level(wording: Wording, flag: Flag) -> str:
    """Return a short phrase for the levels on both routes."""
    words = {route: wording.words["level"][word] for route in ROUTES if (word := level_word(flag, route))}
    if len(words) == len(ROUTES) and len(set(words.values())) == 1:
        return say_plain(wording, "flags.both", level=words[ROUTES[0]])
    routes = wording.words["route"]
    return ", ".join(
        say_plain(wording, "flags.level", route=routes[route], level=word) for route, word in words.items()
    )


def _is_one_list_of_several(gap: Gap) -> bool:
    """Tell whether the gap is one missing medication list while others came; its text names the list."""
    return gap.id == GapId.MEDICATIONS and not gap.blocking


def _gap(wording: Wording, gap: Gap, longest: int) -> ShownGap:
    return ShownGap(
        of=gap,
        id=gap.id,
        text=listed(wording, gap.text, longest),
        name="" if _is_one_list_of_several(gap) else wording.words["gap"].get(gap.id, ""),
        ask=wording.words["ask"].get(gap.id, ""),
    )


def _left_out(entries: Iterable[Unreadable], longest: int) -> tuple[ShownFact, ...]:
    return tuple(ShownFact(text=plain(f"{entry.reference}: {entry.reason}", longest)) for entry in entries)


def _whole(wording: Wording, facts: PatientFacts) -> str:
    names = [
        name
        for kind, name in wording.words["list"].items()
        if facts.list_state(kind) is Completeness.COMPLETE
    ]
    return wording.sentence("view.whole").format(names=", ".join(names) or wording.sentence("list.none"))


def _lacking(wording: Wording, facts: PatientFacts) -> tuple[ListRow, ...]:
    return tuple(
        ListRow(name=name, state=_list_state(wording, facts, kind))
        for kind, name in wording.words["list"].items()
        if facts.list_state(kind) is not Completeness.COMPLETE
    )


def _list_state(wording: Wording, facts: PatientFacts, kind: str) -> str:
    why = facts.lists_not_read.get(kind) or facts.list_state(kind)
    return wording.words["list_state"][why.value.replace(" ", "-")]


def _basis(wording: Wording, assessment: Assessment) -> tuple[str, ...]:
    named = {
        "view.definition": assessment.definition,
        "basis.episode": assessment.episode.text,
        "basis.severity": assessment.severity,
    }
    texts = [wording.sentence(key).format(text=plain(text, _LONGEST)) for key, text in named.items() if text]
    diagnoses = references(wording, _all(assessment.diagnoses, _LONGEST))
    return (
        *texts,
        wording.sentence("basis.diagnoses").format(names=diagnoses),
        wording.fact_text("approval"),
        wording.sentence("basis.questions"),
        wording.sentence("basis.estimate"),
    )


def _all(evidence: Sequence[str], longest: int) -> tuple[str, ...]:
    return tuple(plain(reference, longest) for reference in evidence)
