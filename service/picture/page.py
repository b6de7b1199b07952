"""The evidence in HTML: the table beneath the picture, and a page of its own that holds both.

All text is escaped by the templates; text of the record is made visible before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mappings.wording import Wording
from service.clinical.assessment import Assessment, Flag, Trial, TrialStatus
from service.picture.lanes import dates, days, dose, verdict
from service.render.context import say_plain
from service.render.escape import plain
from service.render.ledger import ranked
from service.render.routes import ROUTES, heaviest_first, level_word

_LONGEST = 1000  # characters of one text


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One course in words."""

    status: TrialStatus
    drug: str
    drug_class: str
    dates: str
    dose: str
    days: str
    verdict: str
    outcome: str
    remarks: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Anything else that has a name, a text and evidence; `levels` those of a flag on each route."""

    name: str
    text: str
    evidence: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


def table(assessment: Assessment, wording: Wording) -> Markup:
    """Return the courses as an HTML table."""
    written = (
        _templates()
        .get_template("courses.html")
        .render(
            rows=_rows(assessment, wording),
            labels=wording.sentences["page"],
            nothing=wording.sentence("report.nothing"),
        )
    )
    return Markup(written)  # noqa: S704 - the template has escaped it


def page(assessment: Assessment, wording: Wording, picture: str) -> str:
    """Return a page without any reference to the outside; `picture` is the SVG of the assessment."""
    urgency = {True: wording.sentence("report.blocking"), False: wording.sentence("report.open")}
    return (
        _templates()
        .get_template("evidence.html")
        .render(
            rows=_rows(assessment, wording),
            labels=wording.sentences["page"],
            headings=wording.sentences["report"],
            nothing=wording.sentence("report.nothing"),
            routes=[wording.words["route"][route] for route in ROUTES],
            about=_about(assessment, wording),
            picture=Markup(picture),  # noqa: S704 - the XML library has escaped it
            safety=[
                Entry(name=one.id, text=_text(one.text), evidence=_all(one.evidence))
                for one in (*assessment.safety, *assessment.lowered_safety)
            ],
            besides=[
                Entry(
                    name=_text(one.name),
                    text=f"{dates(one, wording)}: {_text(one.text)}",
                    evidence=_all(one.evidence),
                )
                for one in assessment.augmentations
            ],
            flags=[_flag(flag, wording) for flag in heaviest_first(assessment.flags)],
            missing=[
                Entry(
                    name=say_plain(wording, "page.gap", id=gap.id, urgency=urgency[gap.blocking]),
                    text=_text(gap.text),
                )
                for gap in sorted(assessment.missing, key=lambda gap: not gap.blocking)
            ],
            unreadable=[
                Entry(name=_text(one.reference), text=_text(one.reason)) for one in assessment.unreadable
            ],
            basis=_basis(assessment, wording),
        )
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("service.picture"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _rows(assessment: Assessment, wording: Wording) -> list[Row]:
    return [_row(trial, wording) for trial in ranked(assessment.trials)]


def _row(trial: Trial, wording: Wording) -> Row:
    witnesses = ", ".join(wording.words["witness"].get(one, one) for one in trial.witnesses)
    return Row(
        status=trial.status,
        drug=trial.ingredient,
        drug_class=trial.drug_class,
        dates=dates(trial, wording),
        dose=dose(trial, wording),
        days=days(trial, wording),
        verdict=verdict(trial, wording),
        outcome=wording.words["outcome"][trial.outcome],
        remarks=tuple(_text(one) for one in (trial.basis, witnesses, *trial.notes) if one),
        evidence=_all(trial.evidence),
    )


def _about(assessment: Assessment, wording: Wording) -> list[str]:
    """What was assessed, for whom, and what it came to."""
    title = say_plain(
        wording,
        "report.title",
        day=assessment.assessed_on,
        profile=assessment.profile,
        version=assessment.rule_set_version,
    )
    unknown = wording.sentence("picture.unknown")
    said = [
        title,
        say_plain(wording, "report.subject", subject=assessment.subject or unknown),
        say_plain(wording, "report.conclusion", conclusion=assessment.conclusion),
    ]
    if assessment.gate:
        said.append(say_plain(wording, "report.gate", id=assessment.gate.id, text=assessment.gate.text))
    return said


def _flag(flag: Flag, wording: Wording) -> Entry:
    words = wording.words["level"]
    levels = [level_word(flag, route) for route in ROUTES]
    return Entry(
        name=f"{_text(flag.title)} ({flag.id})",
        text=_text(flag.text),
        evidence=_all(flag.evidence),
        levels=tuple(words[level] if level else "–" for level in levels),
    )


def _basis(assessment: Assessment, wording: Wording) -> list[str]:
    texts = (
        assessment.definition,
        assessment.episode.text,
        assessment.severity,
        wording.sentence("basis.questions"),
        wording.sentence("basis.estimate"),
    )
    return [_text(text) for text in texts if text]


def _text(text: str) -> str:
    return plain(text, _LONGEST)


def _all(references: Sequence[str]) -> tuple[str, ...]:
    return tuple(_text(reference) for reference in references)
