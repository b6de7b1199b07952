"""The feedback report as text, CSV and JSON."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import msgspec

from service.store.report import Report

_COUNTS = ("shown", "accepted", "overridden", "ignored", "suppressed", "silent")
_UNKNOWN = "feedback on unknown cards"
_REASON = "overridden: "


def report_text(report: Report) -> str:
    """Return a table for a person.

    A line for each type of card in a period, below it the reasons of overrides.
    """
    if not report.cards and not report.unknown:
        return "no cards, no feedback"
    width = max([len(counts.topic) for counts in report.cards] + [len(_UNKNOWN)])
    head = f"{'period':10}  {'card':{width}}" + "".join(f"  {name:>10}" for name in _COUNTS)
    lines = [head, *_card_lines(report, width), *_unknown_lines(report, width)]
    return "\n".join([*lines, *_rate_lines(report, width)])


def report_csv(report: Report) -> str:
    """Return a line for each type of card in a period, with a column for each reason that was given."""
    reasons = sorted({reason for counts in report.cards for reason in counts.reasons})
    columns = ["period", "card", *_COUNTS, *(_REASON + reason for reason in reasons), _UNKNOWN]
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval=0, lineterminator="\n")
    writer.writeheader()
    for counts in report.cards:
        given = {_REASON + reason: number for reason, number in counts.reasons.items()}
        row = {"period": counts.period, "card": counts.topic, **given}
        writer.writerow({**row, **{name: getattr(counts, name) for name in _COUNTS}})
    for period, number in report.unknown.items():
        writer.writerow({"period": period, "card": "", _UNKNOWN: number})
    return written.getvalue().rstrip("\n")


def report_json(report: Report) -> str:
    """Return the report as JSON: `cards` with `overriddenByReason`, `rates` by hook, and `unknownCards`."""
    unknown = [{"period": period, "feedback": number} for period, number in report.unknown.items()]
    rates = [
        {"period": r.period, "hook": r.hook, "card": r.topic, "calls": r.calls, "cards": r.cards}
        | {"per1000Calls": r.per_1000, "overridden": r.overridden}
        for r in report.rates
    ]
    answer = {
        "cards": [_json(asdict(counts)) for counts in report.cards],
        "rates": rates,
        "unknownCards": unknown,
    }
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode()


def _json(counts: dict[str, Any]) -> dict[str, Any]:
    topic, reasons = counts.pop("topic"), counts.pop("reasons")
    return {"period": counts.pop("period"), "card": topic, **counts, "overriddenByReason": reasons}


def _card_lines(report: Report, width: int) -> Iterator[str]:
    for counts in report.cards:
        numbers = "".join(f"  {getattr(counts, name):>10}" for name in _COUNTS)
        yield f"{counts.period:10}  {counts.topic:{width}}{numbers}"
        for reason, number in counts.reasons.items():
            yield f"{'':10}    overridden, {reason}: {number}"


def _unknown_lines(report: Report, width: int) -> Iterator[str]:
    for period, number in report.unknown.items():
        yield f"{period:10}  {_UNKNOWN:{width}}  {number:>10}"


def _rate_lines(report: Report, width: int) -> Iterator[str]:
    """Yield lines on how often cards come, silent ones included and suppressed ones not."""
    if not report.rates:
        return
    heads = ("calls", "cards", "per 1,000", "overridden")
    yield ""
    yield f"{'period':10}  {'hook':12}  {'card':{width}}" + "".join(f"  {name:>10}" for name in heads)
    for rate in report.rates:
        numbers = (rate.calls, rate.cards, rate.per_1000, rate.overridden)
        row = "".join(f"  {number:>10}" for number in numbers)
        yield f"{rate.period:10}  {rate.hook:12}  {rate.topic:{width}}{row}"
