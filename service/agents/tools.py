"""What agents ask, answered in JSON types: each verdict comes with its evidence and with its limits.

Nothing is kept, and nothing is read but what is given or what the operator named at the start. A record is
judged in a process of its own, within the limits that a hook call has.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from cds_hooks.cards import Card, response
from cds_hooks.errors import CallerError
from cds_hooks.request import HookRequest
from cds_hooks.service import StoppedError
from mappings.knowledge import Knowledge
from service.access.sites import USUAL
from service.answer.cards import RuleSet, answer_chart
from service.answer.read import ReadRecord, evaluation_day, read_document
from service.assess import assess
from service.clinical.assessment import Assessment
from service.explain.codes import UnknownSystemError, look_up
from service.operations.apart import do_apart
from service.render.document import document
from service.render.view import View
from service.settings import Settings
from service.validation.report import site_report
from service.web.basis.document import document as told
from service.web.basis.figures import slug
from service.web.basis.flags import flag_path
from service.web.basis.library import Library, library
from service.web.basis.page import Page

LONGEST_NAME = 300
HOOK = "patient-view"
ASKER = "Practitioner/agent"  # cards are the same for every user


class AnswerlessError(Exception):
    """There is no answer; the message says what was expected, and tells nothing of a patient."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    """`record` is the file that is assessed where no Bundle is given."""

    knowledge: Knowledge
    settings: Settings
    rules: Library = field(repr=False)
    record: Path | None = field(default=None, repr=False)

    def assess(self, bundle: Mapping[str, Any] | None, as_of: str | None) -> dict[str, Any]:
        """Return the assessment of a record, the cards that a clinician would see, and what they rest on."""
        raw, day = self._raw(bundle), self._day(as_of)
        seconds = self.settings.cpu_budget_ms / 1000
        try:
            return do_apart(lambda _: self._assessed(raw, day), seconds=seconds)
        except StoppedError:
            raise AnswerlessError("nothing was assessed: the record takes too much time or memory") from None
        except CallerError as error:
            raise AnswerlessError(str(error)) from None

    def explain_rule(self, rule: str) -> dict[str, Any]:
        """Return what a rule says, with its figures and sources; the id is one that an assessment names."""
        page = self.rules.pages.get(rule) or self.rules.pages.get(flag_path(rule))
        if page is not None:
            return {"rule": told(page)}
        known = {each.id: each for each in self.rules.index.rules}
        named = slug(rule)
        if named not in known:
            ids = ", ".join([*self.rules.pages, *known])
            raise AnswerlessError(f"expected the id of a rule, one of: {ids}")
        followed = [each for each in self.rules.pages.values() if named in {link.id for link in each.rules}]
        said = {"id": named, "title": known[named].title, "text": list(known[named].text)}
        return {"rule": said, "followedBy": [_sources(each) for each in followed], **self._limits()}

    def identify_medication(self, medication: str) -> dict[str, Any]:
        """Return everything that the tables know under a name or code, with where each row comes from."""
        if len(medication) > LONGEST_NAME:
            raise AnswerlessError(f"expected a name or code of at most {LONGEST_NAME} characters")
        try:
            (found,) = look_up([medication], self.knowledge)
        except UnknownSystemError as error:
            raise AnswerlessError(str(error)) from None
        return {"found": list(found.found), "tables": self.knowledge.terminology.version, **self._limits()}

    def _limits(self) -> dict[str, Any]:
        use = self.rules.index.use
        return {"limits": [*use.not_for, *self.rules.index.limits]}

    def _raw(self, bundle: Mapping[str, Any] | None) -> bytes:
        if bundle is not None:
            raw = msgspec.json.encode(bundle)
        elif self.record is not None:
            raw = self.record.read_bytes()
        else:
            raise AnswerlessError("expected a Bundle: the operator has named no file")
        if len(raw) > self.settings.max_body_bytes:
            raise AnswerlessError(f"expected a record of at most {self.settings.max_body_bytes} bytes")
        return raw

    def _day(self, as_of: str | None) -> date:
        try:
            return self.settings.today() if as_of is None else evaluation_day(as_of)
        except ValueError as error:
            raise AnswerlessError(f"as_of: {error}") from None

    def _assessed(self, raw: bytes, day: date) -> dict[str, Any]:
        read = read_document(raw, self.knowledge, day)
        assessment = assess(read.facts, self.knowledge, self.settings.profile, day)
        cards = self._cards(read, day)
        pages = [self.rules.pages[each] for each in _rules(cards, assessment) if each in self.rules.pages]
        return {
            "assessment": document(View(wording=self.knowledge.wording, of=assessment)),
            "cards": response(cards)["cards"],
            "rules": [_rule(page) for page in pages],
            **self._limits(),
        }

    def _cards(self, read: ReadRecord, day: date) -> tuple[Card, ...]:
        """The cards that an opened chart would show."""
        rules = RuleSet(
            knowledge=self.knowledge,
            profile=self.settings.profile,
            source_url=f"{self.settings.public_url}/basis/",
        )
        person = read.facts.person
        patient = person.reference.rpartition("/")[2] if person else ""
        request = HookRequest(
            hook=HOOK, hook_instance=str(uuid.uuid4()), user_id=ASKER, patient_id=patient, prefetch={}
        )
        return tuple(answer_chart(request, read, rules, day, USUAL).cards)


def tools(knowledge: Knowledge, settings: Settings, record: Path | None) -> Tools:
    """Return the tools for these tables; raise OSError for a `record` that cannot be read."""
    if record is not None:
        record.open("rb").close()
    rules = library(knowledge, settings.profile, report=site_report(settings))
    return Tools(knowledge=knowledge, settings=settings, rules=rules, record=record)


def _rules(cards: tuple[Card, ...], assessment: Assessment) -> Iterator[str]:
    """Yield the rules that cards and flags rest on, each once."""
    topics = [card.source.topic.code for card in cards if card.source.topic]
    yield from dict.fromkeys([*topics, *(flag_path(flag.id) for flag in assessment.flags)])


def _rule(page: Page) -> dict[str, Any]:
    """What a rule says and where it is written; `explain_rule` tells its figures and inputs too."""
    return _of(page, "id", "title", "logic", "citations", "edition", "rules")


def _sources(page: Page) -> dict[str, Any]:
    return _of(page, "id", "title", "citations")


def _of(page: Page, *members: str) -> dict[str, Any]:
    plain = told(page)
    return {name: plain[name] for name in members}
