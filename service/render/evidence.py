"""The whole assessment as rows of plain text, for pages that show what it rests on."""

from collections.abc import Iterable, Mapping, Sequence

from mappings.sources import Source
from mappings.wording import Wording
from service.clinical.assessment import (
    Assessment,
    Augmentation,
    Conclusion,
    Flag,
    Gap,
    SafetyTrigger,
    Trial,
)
from service.clinical.facts import ListState, PatientFacts, Unreadable
from service.clinical.routes import ROUTES, Route, heaviest, heaviest_first, level_word, on_route
from service.render import courses
from service.render.cards import highest_trigger, not_assessable_reason
from service.render.context import say_plain
from service.render.escape import plain
from service.render.evidence_rows import EvidenceRows, FlagRow, LevelWord, ListRow, Row, TrialRow
from service.render.ledger import ranked
from service.render.summaries import decision_summary, not_assessed_summary, safety_summary

NOT_ASSESSED = "not-assessed"
_LONGEST = 1000  # characters of one text of the record
_REFERENCES = 6  # of one statement; the others are counted


def evidence_rows(
    wording: Wording, assessment: Assessment, facts: PatientFacts, sources: Sequence[Source]
) -> EvidenceRows:
    """Return the rows; nothing of the record in them is longer than a line or steers the text around it.

    `sources` are those of the definition used and of the flags.
    """
    conclusion = assessment.conclusion.value if assessment.assessable else NOT_ASSESSED
    needed = [gap for gap in assessment.missing if gap.blocking]
    unknown = [gap for gap in assessment.missing if not gap.blocking]
    return EvidenceRows(
        conclusion=conclusion,
        title=wording.words["conclusion"][conclusion],
        summary=_summary(wording, assessment),
        gate=_gate(wording, assessment),
        safety_summary=_safety_summary(wording, assessment.safety),
        safety=_triggers(wording, assessment.safety),
        lowered=_triggers(wording, assessment.lowered_safety),
        routes=tuple(_route(wording, assessment.flags, route) for route in ROUTES),
        counts=courses.counted(wording, assessment.counts),
        trials=tuple(_trial(wording, trial) for trial in ranked(assessment.trials)),
        augmentations=tuple(_augmentation(wording, given) for given in assessment.augmentations),
        flags=tuple(_flag(wording, flag) for flag in heaviest_first(assessment.flags)),
        needed=_gaps(needed),
        unknown=_gaps(unknown),
        whole=_whole(wording, facts),
        lacking=_lacking(wording, facts),
        unreadable=_unreadable(assessment.unreadable),
        basis=_basis(wording, assessment),
        sources=tuple(sources),
    )


def cited(assessment: Assessment, definition: Iterable[str], known: Mapping[str, Source]) -> list[Source]:
    """Return the sources of the `definition` used and of the flags, each once."""
    ids = [*definition, *(source for flag in assessment.flags for source in flag.sources)]
    return [known[source] for source in dict.fromkeys(ids)]


def _summary(wording: Wording, assessment: Assessment) -> str:
    if not assessment.assessable:
        return not_assessed_summary(wording, not_assessable_reason(assessment))
    if assessment.conclusion is not Conclusion.NONE:
        return decision_summary(wording, assessment)
    counts = assessment.counts
    return say_plain(wording, "view.none", counted=counts.counted, possible=counts.possible)


def _gate(wording: Wording, assessment: Assessment) -> Row | None:
    gate = assessment.gate
    if gate is None:
        return None
    return Row(id=gate.id, text=_text(gate.text), evidence=_evidence(gate.evidence))


def _safety_summary(wording: Wording, triggers: tuple[SafetyTrigger, ...]) -> str:
    if not triggers:
        return ""
    trigger, text = highest_trigger(triggers, wording)
    return safety_summary(wording, text, trigger.text)


def _triggers(wording: Wording, triggers: Sequence[SafetyTrigger]) -> tuple[Row, ...]:
    return tuple(
        Row(id=each.id, text=_text(each.text), evidence=_evidence(each.evidence)) for each in triggers
    )


def _route(wording: Wording, flags: Sequence[Flag], route: Route) -> LevelWord:
    level, found = heaviest(flags, route)
    return LevelWord(
        route=wording.words["route"][route],
        level=on_route(found[0], route) if found else None,
        word=wording.words["level"][level],
        findings=", ".join(_text(flag.title) for flag in found),
    )


def _trial(wording: Wording, trial: Trial) -> TrialRow:
    witnesses = ", ".join(courses.witnesses(wording, trial))
    return TrialRow(
        drug=_text(trial.ingredient),
        drug_class=_text(trial.drug_class),
        dates=courses.dates(wording, trial),
        dose=courses.dose(wording, trial),
        days=courses.days(wording, trial),
        status=trial.status.value,
        verdict=wording.words["status"][trial.status],
        reasons=courses.reasons(wording, trial),
        outcome=wording.words["outcome"][trial.outcome],
        remarks=tuple(_text(one) for one in (trial.basis, witnesses, *trial.notes) if one),
        evidence=_evidence(trial.evidence),
    )


def _augmentation(wording: Wording, given: Augmentation) -> Row:
    text = f"{_text(given.name)} {courses.dates(wording, given)}: {_text(given.text)}"
    return Row(text=text, evidence=_evidence(given.evidence))


def _flag(wording: Wording, flag: Flag) -> FlagRow:
    return FlagRow(
        id=flag.id,
        title=_text(flag.title),
        levels=tuple(_flag_level(wording, flag, route) for route in ROUTES),
        text=_text(flag.text),
        evidence=_evidence(flag.evidence),
    )


def _flag_level(wording: Wording, flag: Flag, route: Route) -> LevelWord:
    level = level_word(flag, route)
    return LevelWord(
        route=wording.words["route"][route],
        level=on_route(flag, route),
        word=wording.words["level"][level] if level else "–",
    )


def _gaps(gaps: Iterable[Gap]) -> tuple[Row, ...]:
    return tuple(Row(id=gap.id, text=_text(gap.text)) for gap in gaps)


def _whole(wording: Wording, facts: PatientFacts) -> str:
    names = [
        name for kind, name in wording.words["list"].items() if facts.list_state(kind) is ListState.COMPLETE
    ]
    return wording.sentence("view.whole").format(names=", ".join(names) or wording.sentence("list.none"))


def _lacking(wording: Wording, facts: PatientFacts) -> tuple[ListRow, ...]:
    return tuple(
        ListRow(name=name, state=_list_state(wording, facts, kind))
        for kind, name in wording.words["list"].items()
        if facts.list_state(kind) is not ListState.COMPLETE
    )


def _list_state(wording: Wording, facts: PatientFacts, kind: str) -> str:
    why = facts.unread_lists.get(kind) or facts.list_state(kind)
    return wording.words["list_state"][why.value.replace(" ", "-")]


def _unreadable(entries: Iterable[Unreadable]) -> tuple[Row, ...]:
    return tuple(Row(text=f"{_text(entry.reference)}: {_text(entry.reason)}") for entry in entries)


def _basis(wording: Wording, assessment: Assessment) -> tuple[str, ...]:
    named = {
        "view.definition": assessment.definition,
        "basis.episode": assessment.episode.text,
        "basis.severity": assessment.severity,
    }
    texts = [wording.sentence(key).format(text=_text(text)) for key, text in named.items() if text]
    diagnoses = references(wording, _evidence(assessment.diagnoses))
    return (
        *texts,
        wording.sentence("basis.diagnoses").format(names=diagnoses),
        wording.fact_text("approval"),
        wording.sentence("basis.questions"),
        wording.sentence("basis.estimate"),
    )


def references(wording: Wording, evidence: Sequence[str]) -> str:
    """Return the first of the resources that a statement rests on, and how many more there are."""
    if not evidence:
        return wording.sentence("gaps.no_evidence")
    names, rest = ", ".join(evidence[:_REFERENCES]), len(evidence) - _REFERENCES
    return wording.sentence("list.more").format(names=names, count=rest) if rest > 0 else names


def _evidence(named: Sequence[str]) -> tuple[str, ...]:
    return tuple(_text(reference) for reference in named)


def _text(text: str) -> str:
    return plain(text, _LONGEST)
