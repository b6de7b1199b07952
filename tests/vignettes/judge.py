"""Holds an answer against what a case expects, field by field, and says every difference in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.vignettes.cases import Expected

NOT_JUDGED = "?"
INDICATOR = {"recommend": "info", "insufficient-data": "info", "caution": "warning"}


def differences(expected: Expected, answer: Mapping[str, Any]) -> list[str]:
    """What the assessment document says otherwise than expected; empty when they agree."""
    return [
        *_same("conclusion", expected.conclusion, answer["conclusion"]),
        *_numbers(expected.counts, answer["counts"]),
        *_trials(expected, answer["trials"]),
        *_figures(expected, answer["trials"]),
        *_flags(expected, answer["flags"]),
        *_gaps(expected, answer["missing"]),
        *_set("safety", expected.safety, [trigger["id"] for trigger in answer["safety"]]),
        *_gate(expected.gate, answer["gate"]),
    ]


def _same(what: str, expected: object, found: object) -> Iterator[str]:
    if expected != found:
        yield f"{what}: expected {expected}, found {found}"


def _set(what: str, expected: tuple[str, ...], found: list[str]) -> Iterator[str]:
    if NOT_JUDGED not in expected and (set(expected) != set(found) or len(set(found)) != len(found)):
        yield f"{what}: expected {sorted(expected)}, found {sorted(found)}"


def _numbers(expected: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    for name, number in expected.items():
        yield from _same(f"counts.{name}", number, found[name])


def _trials(expected: Expected, trials: list[Mapping[str, Any]]) -> Iterator[str]:
    """Which ingredients are counted, possible, not counted and why."""
    counted = [trial["ingredient"] for trial in trials if trial["status"] == "counted"]
    if expected.counted is not None:
        yield from _set("counted", expected.counted, counted)
    if expected.possible is not None:
        possible = {trial["ingredient"]: trial["reason"] for trial in trials if trial["status"] == "possible"}
        yield from _same("possible", dict(expected.possible), possible)
    refused = [(trial["ingredient"], trial["reason"]) for trial in trials if trial["status"] == "not-counted"]
    for ingredient, reasons in expected.not_counted.items():
        if not any((ingredient, reason) in refused for reason in reasons):
            yield f"not counted: expected {ingredient} as {' or '.join(reasons)}, found {refused}"
    for group in expected.combined:
        steps = [ingredient for ingredient, reason in refused if reason == "combined-step"]
        yield from _same(f"counted of the step {group}", 1, len(set(group) & set(counted)))
        yield from _same(f"combined-step of {group}", len(group) - 1, len(set(group) & set(steps)))


def _figures(expected: Expected, trials: list[Mapping[str, Any]]) -> Iterator[str]:
    """Outcome, days and dose of a course of each ingredient named."""
    wanted = {
        **{(name, "outcome"): value for name, value in expected.outcomes.items()},
        **{(name, "days"): value for name, value in expected.days.items()},
        **{(name, "dose"): value for name, value in expected.doses.items()},
    }
    for (ingredient, what), value in wanted.items():
        found = [_figure(trial, what) for trial in trials if trial["ingredient"] == ingredient]
        if value not in found:
            yield f"{what} of {ingredient}: expected {value}, found {found}"


def _figure(trial: Mapping[str, Any], what: str) -> object:
    if what == "outcome":
        return trial["outcome"]
    if what == "days":
        return (trial["coveredDays"], trial["qualifyingDays"])
    return (trial["dailyDose"] or {}).get("value")


def _flags(expected: Expected, flags: list[Mapping[str, Any]]) -> Iterator[str]:
    found = {flag["id"]: (flag["esketamine"], flag["ketamine"]) for flag in flags}
    surplus = {name: found[name] for name in found.keys() - expected.flags.keys() - set(expected.maybe_flags)}
    for name, levels in expected.flags.items():
        yield from _same(f"flag {name} (esketamine, ketamine)", levels, found.get(name))
    if expected.planning is not None:
        weighed = [flag for flag in flags if "caution" in (flag["esketamine"], flag["ketamine"])]
        planned = [flag["id"] for flag in weighed if flag["weight"] == "planning"]
        yield from _set("planning", expected.planning, planned)
    if surplus:
        yield f"flags: not expected {surplus}"
    if len(found) != len(flags):
        yield f"flags: one id twice in {[flag['id'] for flag in flags]}"


def _gaps(expected: Expected, missing: list[Mapping[str, Any]]) -> Iterator[str]:
    blocking = [gap["id"] for gap in missing if gap["blocking"]]
    named = {gap["id"] for gap in missing}
    yield from _set("blocking missing", expected.blocking_missing, blocking)
    if lost := set(expected.unknown) - named:
        yield f"missing: expected {sorted(lost)} to be named, found {sorted(named)}"
    if surplus := set(expected.known) & named:
        yield f"missing: {sorted(surplus)} is known, but named as missing"


def _gate(expected: str | None, found: Mapping[str, str] | None) -> Iterator[str]:
    if expected != NOT_JUDGED:
        yield from _same("gate", expected, found["id"] if found else None)


def card_differences(expected: Expected, hook: str, answer: Mapping[str, Any]) -> list[str]:
    """What the cards of a hook call say otherwise than expected; empty when they agree."""
    cards = answer["cards"]
    found = [f"{card['source']['topic']['code']} {card['indicator']}" for card in cards]
    said = str(cards).lower()
    lost = [phrase for phrase in expected.says if phrase.lower() not in said]
    surplus = [phrase for phrase in expected.says_not if phrase.lower() in said]
    return [
        *_same("cards", list(expected_cards(expected, hook)), found),
        *(f"cards: expected to say {phrase!r}, found {said}" for phrase in lost),
        *(f"cards: expected not to say {phrase!r}, found {said}" for phrase in surplus),
    ]


def expected_cards(expected: Expected, hook: str) -> tuple[str, ...]:
    """As the case says; else the safety card, if any, and the card of the conclusion, if any."""
    if hook == "order-select" and expected.select_cards is not None:
        return expected.select_cards
    if expected.cards is not None:
        return expected.cards
    urgent = "critical" if "SAFE-1" in expected.safety else "warning"
    safety = (f"safety {urgent}",) if expected.safety else ()
    conclusion = expected.conclusion
    return safety + ((f"{conclusion} {INDICATOR[conclusion]}",) if conclusion in INDICATOR else ())


def of_profile(expected: Expected, changes: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """The same for another rule set, of which a case says only what changes."""
    counts = {key: int(value) for key, value in changes.get("counts", {}).items()}
    conclusion = changes.get("conclusion", answer["conclusion"])
    return [
        *_same("conclusion", conclusion, answer["conclusion"]),
        *_numbers(counts, answer["counts"]),
        *_set("safety", expected.safety, [trigger["id"] for trigger in answer["safety"]]),
    ]
