"""The view of an assessment: what cards, report, pages, picture and JSON show, in rows worded once."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from mappings.sources import SourceRow
from mappings.wording import Wording
from service.clinical.assessment import Assessment, Conclusion, Flag
from service.clinical.facts import Completeness, PatientFacts
from service.clinical.order_check import OrderCheck
from service.clinical.routes import ROUTES, Route, heaviest, on_route, weight_order
from service.render.context import say_plain
from service.render.courses import TreatmentRow, TrialRow, counted, rank
from service.render.escape import plain
from service.render.kinds import Kind, highest_trigger, not_assessable_reason
from service.render.rows import (
    LevelWord,
    ListRow,
    ShownFlag,
    ShownGap,
    ShownGate,
    ShownSetAside,
    ShownTrigger,
    ShownUnreadable,
)
from service.render.summaries import decision_summary, not_assessed_summary, safety_summary

_LONGEST = 1000  # characters of one text of the record on a page
_REFERENCES = 6  # of one statement; the others are counted


class View(Struct, frozen=True, kw_only=True, eq=False, dict=True):  # in the dict it keeps its rows
    """Everything that is shown of an assessment; no text of the record in it is longer than `longest`.

    Lists are in the order of the assessment, unless they say otherwise. On a card about an `order` its routes
    decide how the flags are listed.
    """

    wording: Wording
    of: Assessment
    longest: int = _LONGEST
    order: OrderCheck | None = None

    @property
    def conclusion(self) -> str:
        """The conclusion, or that nothing was assessed."""
        return self.of.conclusion.value if self.of.assessable else Kind.NOT_ASSESSED.value

    @property
    def title(self) -> str:
        """The conclusion in words."""
        return self.wording.words["conclusion"][self.conclusion]

    @cached_property
    def summary(self) -> str:
        """The first line of the card about the patient, or why there is none."""
        if not self.of.assessable:
            return not_assessed_summary(self.wording, not_assessable_reason(self.of))
        if self.of.conclusion is not Conclusion.NONE:
            return decision_summary(self.wording, self.of)
        counts = self.of.counts
        return say_plain(self.wording, "view.none", counted=counts.counted, possible=counts.possible)

    @cached_property
    def gate(self) -> ShownGate | None:
        """The reason why no card about the patient is shown."""
        gate = self.of.gate
        return ShownGate(wording=self.wording, longest=self.longest, of=gate) if gate else None

    @cached_property
    def safety_summary(self) -> str:
        """The first line of the safety card; "" if there is none."""
        if not self.of.safety:
            return ""
        trigger, text = highest_trigger(self.of.safety, self.wording)
        return safety_summary(self.wording, text, trigger.text)

    @cached_property
    def safety(self) -> tuple[ShownTrigger, ...]:
        """The signs of suicide risk."""
        return tuple(
            ShownTrigger(wording=self.wording, longest=self.longest, of=sign) for sign in self.of.safety
        )

    @cached_property
    def lowered(self) -> tuple[ShownTrigger, ...]:
        """Signs of suicide risk that are for information only."""
        return tuple(
            ShownTrigger(wording=self.wording, longest=self.longest, of=sign)
            for sign in self.of.lowered_safety
        )

    @cached_property
    def routes(self) -> tuple[LevelWord, ...]:
        """What weighs most on each route."""
        return tuple(map(self._route, ROUTES))

    def _route(self, route: Route) -> LevelWord:
        level, found = heaviest(self.of.flags, route)
        return LevelWord(
            route=self.wording.words["route"][route],
            level=on_route(found[0], route) if found else None,
            word=self.wording.words["level"][level],
            findings=", ".join(plain(flag.title, self.longest) for flag in found),
        )

    @cached_property
    def counts(self) -> str:
        """The counts of all courses."""
        return counted(self.wording, self.of.counts)

    @cached_property
    def trials(self) -> tuple[TrialRow, ...]:
        """The courses of antidepressants."""
        return tuple(
            TrialRow(wording=self.wording, longest=self.longest, of=trial) for trial in self.of.trials
        )

    @cached_property
    def ledger(self) -> tuple[TrialRow, ...]:
        """The same, the counted ones first."""
        return tuple(sorted(self.trials, key=lambda row: rank(row.of)))

    @cached_property
    def augmentations(self) -> tuple[TreatmentRow, ...]:
        """What was added to an antidepressant, and other treatments."""
        return tuple(
            TreatmentRow(wording=self.wording, longest=self.longest, of=given)
            for given in self.of.augmentations
        )

    @cached_property
    def flags(self) -> tuple[ShownFlag, ...]:
        """The flags."""
        return tuple(map(self._flag, self.of.flags))

    @cached_property
    def weighed(self) -> tuple[ShownFlag, ...]:
        """The same, the heaviest first."""
        routes = self.order.routes if self.order else ROUTES
        return tuple(sorted(self.flags, key=lambda row: weight_order(row.of, routes)))

    def _flag(self, flag: Flag) -> ShownFlag:
        if self.order is None:
            return ShownFlag(wording=self.wording, longest=self.longest, of=flag)
        routes = self.order.routes
        return ShownFlag(wording=self.wording, longest=self.longest, of=flag, routes=routes, ordered=True)

    @cached_property
    def missing(self) -> tuple[ShownGap, ...]:
        """What the record leaves open."""
        return tuple(ShownGap(wording=self.wording, longest=self.longest, of=gap) for gap in self.of.missing)

    @cached_property
    def needed(self) -> tuple[ShownGap, ...]:
        """What has to be known for a conclusion."""
        return tuple(row for row in self.missing if row.of.blocking)

    @cached_property
    def unknown(self) -> tuple[ShownGap, ...]:
        """What else is not known."""
        return tuple(row for row in self.missing if not row.of.blocking)

    @cached_property
    def episode(self) -> str:
        """When the episode began, and by what that is known."""
        return plain(self.of.episode.text, self.longest)

    @cached_property
    def severity(self) -> str:
        """How severe the depression is now."""
        return plain(self.of.severity, self.longest)

    @cached_property
    def unreadable(self) -> tuple[ShownUnreadable, ...]:
        """The resources that could not be read."""
        return tuple(
            ShownUnreadable(wording=self.wording, longest=self.longest, of=entry)
            for entry in self.of.unreadable
        )

    @cached_property
    def set_aside(self) -> tuple[ShownSetAside, ...]:
        """The entries that raise nothing."""
        return tuple(
            ShownSetAside(wording=self.wording, longest=self.longest, of=entry) for entry in self.of.set_aside
        )

    @cached_property
    def basis(self) -> tuple[str, ...]:
        """What all of it rests on."""
        named = {
            "view.definition": self.of.definition,
            "basis.episode": self.of.episode.text,
            "basis.severity": self.of.severity,
        }
        said = self.wording.sentence
        texts = [said(key).format(text=plain(text, _LONGEST)) for key, text in named.items() if text]
        diagnoses = references(self.wording, [plain(reference, _LONGEST) for reference in self.of.diagnoses])
        return (
            *texts,
            said("basis.diagnoses").format(names=diagnoses),
            self.wording.fact_text("approval"),
            said("basis.questions"),
            said("basis.estimate"),
        )


class PageView(View, frozen=True, kw_only=True):
    """The view on a page: with the lists that came, and the `sources` that the assessment rests on."""

    facts: PatientFacts
    sources: Sequence[SourceRow]

    @cached_property
    def whole(self) -> str:
        """The lists that came completely."""
        names = [
            name
            for kind, name in self.wording.words["list"].items()
            if self.facts.list_state(kind) is Completeness.COMPLETE
        ]
        nothing = self.wording.sentence("list.none")
        return self.wording.sentence("view.whole").format(names=", ".join(names) or nothing)

    @cached_property
    def lacking(self) -> tuple[ListRow, ...]:
        """The lists that did not."""
        return tuple(
            ListRow(name=name, state=self._state(kind))
            for kind, name in self.wording.words["list"].items()
            if self.facts.list_state(kind) is not Completeness.COMPLETE
        )

    def _state(self, kind: str) -> str:
        why = self.facts.lists_not_read.get(kind) or self.facts.list_state(kind)
        return self.wording.words["list_state"][why.value.replace(" ", "-")]


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
