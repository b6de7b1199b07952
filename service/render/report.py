"""The assessment as a text report for a terminal: ledger, flags, gaps."""

from collections.abc import Sequence

from mappings.wording import Wording
from service.clinical.assessment import Assessment
from service.render.context import say_plain
from service.render.courses import TreatmentRow, TrialRow
from service.render.rows import ShownFlag, ShownGap, ShownUnreadable
from service.render.view import View

_UNKNOWN = "?"
_INDENT = "  "


def text_report(assessment: Assessment, wording: Wording) -> str:
    """Return the report; nothing of the record in it can end a line or steer a terminal."""
    shown = View(wording=wording, of=assessment)
    blocks = [
        _head(wording, assessment, shown),
        _section(wording, "safety", _triggers(wording, shown)),
        _section(wording, "trials", _trials(shown)),
        _section(wording, "augmentations", _treatments(shown.augmentations)),
        _section(wording, "flags", _flags(shown.weighed)),
        _section(wording, "missing", _gaps(wording, (*shown.needed, *shown.unknown))),
        _section(wording, "unreadable", _texts(shown.unreadable)),
        _section(wording, "set_aside", aligned([[*row.evidence, row.text] for row in shown.set_aside])),
        _section(wording, "basis", [_INDENT + text for text in shown.basis]),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines whose columns begin at the same place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        _INDENT + _INDENT.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _head(wording: Wording, assessment: Assessment, shown: View) -> list[str]:
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
        shown.summary,
    ]
    if shown.gate:
        lines.append(say_plain(wording, "report.gate", id=shown.gate.id, text=shown.gate.text))
    return lines


def _section(wording: Wording, name: str, lines: list[str]) -> list[str]:
    nothing = _INDENT + wording.sentence("report.nothing")
    return [wording.sentence(f"report.{name}"), *(lines or [nothing])]


def _triggers(wording: Wording, shown: View) -> list[str]:
    lowered = wording.sentence("report.lowered")
    rows = [(row, "") for row in shown.safety] + [(row, lowered) for row in shown.lowered]
    return aligned([[row.id, row.text, ", ".join(row.evidence), remark] for row, remark in rows])


def _trials(shown: View) -> list[str]:
    heads = aligned([_trial(row) for row in shown.ledger])
    lines = [_INDENT + shown.counts]
    for row, head in zip(shown.ledger, heads, strict=True):
        lines += [head, *(_INDENT * 3 + remark for remark in _remarks(row))]
    return lines


def _trial(row: TrialRow) -> list[str]:
    return [row.verdict, row.drug, row.drug_class, row.dates, row.dose, row.days, row.outcome]


def _remarks(row: TrialRow) -> list[str]:
    """Return the lines below a trial: reasons, doses, basis, notes, and the resources."""
    texts = [*row.reasons, row.steps, row.basis, *row.notes, ", ".join([row.witnesses, *row.evidence])]
    return [text for text in texts if text]


def _treatments(given: Sequence[TreatmentRow]) -> list[str]:
    return aligned([[row.name, row.dates, row.text, ", ".join(row.evidence)] for row in given])


def _flags(flags: Sequence[ShownFlag]) -> list[str]:
    heads = aligned([[flag.id, *_levels(flag), flag.title] for flag in flags])
    lines = []
    for flag, head in zip(flags, heads, strict=True):
        lines += [head, _INDENT * 3 + ", ".join([flag.text, *flag.evidence])]
    return lines


def _levels(flag: ShownFlag) -> list[str]:
    return [f"{level.route}: {level.word}" for level in flag.levels]


def _gaps(wording: Wording, missing: Sequence[ShownGap]) -> list[str]:
    urgency = {True: wording.sentence("report.blocking"), False: wording.sentence("report.open")}
    return aligned([[gap.id, urgency[gap.of.blocking], gap.text] for gap in missing])


def _texts(rows: Sequence[ShownUnreadable]) -> list[str]:
    return [_INDENT + row.text for row in rows]
