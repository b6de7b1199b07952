"""The assessment as a text report for a terminal: ledger, flags, gaps."""

from collections.abc import Sequence

from mappings.wording import Wording
from service.clinical.assessment import Assessment, Flag, Gap, SafetyTrigger, Trial
from service.clinical.facts import Unreadable
from service.clinical.routes import ROUTES, heaviest_first, level_word
from service.render import courses
from service.render.context import say_plain
from service.render.escape import plain
from service.render.ledger import ranked

_UNKNOWN = "?"
_INDENT = "  "
_LONGEST_LINE = 1000  # characters; longer texts of a record are cut


def text_report(assessment: Assessment, wording: Wording) -> str:
    """Return the report; nothing of the record in it can end a line or steer a terminal."""
    blocks = [
        _head(wording, assessment),
        _section(wording, "safety", _triggers(wording, assessment)),
        _section(wording, "trials", _trials(wording, assessment)),
        _section(wording, "augmentations", _augmentations(wording, assessment)),
        _section(wording, "flags", _flags(wording, assessment.flags)),
        _section(wording, "missing", _gaps(wording, assessment.missing)),
        _section(wording, "unreadable", _unreadable(assessment.unreadable)),
        _section(wording, "basis", _basis(wording, assessment)),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines whose columns begin at the same place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        _INDENT + _INDENT.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _head(wording: Wording, assessment: Assessment) -> list[str]:
    lines = [
        say_plain(
            wording,
            "report.title",
            day=assessment.assessed_on,
            profile=assessment.profile,
            version=assessment.rule_set_version,
        ),
        say_plain(wording, "report.subject", subject=assessment.subject or _UNKNOWN),
        say_plain(wording, "report.conclusion", conclusion=assessment.conclusion),
    ]
    if assessment.gate:
        lines.append(say_plain(wording, "report.gate", id=assessment.gate.id, text=assessment.gate.text))
    return lines


def _section(wording: Wording, name: str, lines: list[str]) -> list[str]:
    nothing = _INDENT + wording.sentence("report.nothing")
    return [wording.sentence(f"report.{name}"), *(lines or [nothing])]


def _triggers(wording: Wording, assessment: Assessment) -> list[str]:
    lowered = wording.sentence("report.lowered")
    rows = [_trigger(trigger, "") for trigger in assessment.safety]
    rows += [_trigger(trigger, lowered) for trigger in assessment.lowered_safety]
    return aligned(rows)


def _trigger(trigger: SafetyTrigger, remark: str) -> list[str]:
    return [trigger.id, _text(trigger.text), ", ".join(_all(trigger.evidence)), remark]


def _trials(wording: Wording, assessment: Assessment) -> list[str]:
    trials = ranked(assessment.trials)
    heads = aligned([_trial(wording, trial) for trial in trials])
    lines = [_INDENT + courses.counted(wording, assessment.counts)]
    for trial, head in zip(trials, heads, strict=True):
        lines += [head, *(_INDENT * 3 + remark for remark in _remarks(wording, trial))]
    return lines


def _trial(wording: Wording, trial: Trial) -> list[str]:
    return [
        wording.words["status"][trial.status],
        plain(trial.ingredient, wording.limits.name),
        plain(trial.drug_class, wording.limits.name),
        courses.dates(wording, trial),
        courses.dose(wording, trial),
        courses.days(wording, trial),
        wording.words["outcome"][trial.outcome],
    ]


def _remarks(wording: Wording, trial: Trial) -> list[str]:
    """What stands below the line of a trial: shortfalls, basis, notes, and the resources."""
    lacking = [
        say_plain(wording, "ledger.reason", words=wording.words["shortfall"][shortfall], id=shortfall)
        for shortfall in courses.shortfalls(trial)
    ]
    evidence = [*courses.witnesses(wording, trial), *trial.evidence]
    texts = [*lacking, trial.basis, *trial.notes, ", ".join(evidence)]
    return [plain(text, _LONGEST_LINE) for text in texts if text]


def _augmentations(wording: Wording, assessment: Assessment) -> list[str]:
    rows = []
    for given in assessment.augmentations:
        when = courses.dates(wording, given)
        name = plain(given.name, wording.limits.name)
        rows.append([name, when, _text(given.text), ", ".join(_all(given.evidence))])
    return aligned(rows)


def _flags(wording: Wording, flags: Sequence[Flag]) -> list[str]:
    ordered = heaviest_first(flags)
    heads = aligned([[flag.id, *_levels(wording, flag), _text(flag.title)] for flag in ordered])
    lines = []
    for flag, head in zip(ordered, heads, strict=True):
        lines += [head, _INDENT * 3 + _text(", ".join([flag.text, *flag.evidence]))]
    return lines


def _levels(wording: Wording, flag: Flag) -> list[str]:
    words, routes = wording.words["level"], wording.words["route"]
    levels = [(routes[route], level_word(flag, route)) for route in ROUTES]
    return [f"{route}: {words[level] if level else '-'}" for route, level in levels]


def _gaps(wording: Wording, missing: Sequence[Gap]) -> list[str]:
    ordered = sorted(missing, key=lambda gap: not gap.blocking)
    urgency = {True: wording.sentence("report.blocking"), False: wording.sentence("report.open")}
    return aligned([[gap.id, urgency[gap.blocking], _text(gap.text)] for gap in ordered])


def _unreadable(entries: Sequence[Unreadable]) -> list[str]:
    return aligned([[_text(entry.reference), _text(entry.reason)] for entry in entries])


def _basis(wording: Wording, assessment: Assessment) -> list[str]:
    texts = [
        assessment.definition,
        assessment.episode.text,
        assessment.severity,
        wording.sentence("basis.questions"),
        wording.sentence("basis.estimate"),
    ]
    return [_INDENT + plain(text, _LONGEST_LINE) for text in texts if text]


def _text(text: str) -> str:
    return plain(text, _LONGEST_LINE)


def _all(references: Sequence[str]) -> list[str]:
    return [_text(reference) for reference in references]
