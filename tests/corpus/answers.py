"""What an assessment document says: the verdict, what was raised, and what is named as unknown."""

import json
from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
JUDGED = ("ingredient", "status", "reason", "outcome", "coveredDays", "qualifyingDays", "dailyDose")
GAPS_OF = {  # flag or trigger -> the gap that names what it rests on
    "BP-HIGH": "BP-UNK",
    "BP-HOLD": "BP-UNK",
    "PREG": "PREG-UNK",
    "CI-HYPER": "ALLERGY-EMPTY",
    "SUD-ACT": "SUD-UNK",
    "PSY-ACT": "PSY-UNK",
    "HEP-MOD": "LIVER-UNK",
    "SAFE-1": "SAFE-UNK",
    "SAFE-2": "SAFE-UNK",
    "SAFE-3": "SAFE-UNK",
}
LISTS = {  # type of resource -> the gap that says that the list did not come
    "Condition": "LIST-CONDITION",
    "AllergyIntolerance": "LIST-ALLERGY",
    "MedicationRequest": "LIST-MEDICATION",
    "MedicationDispense": "LIST-MEDICATION",
}
FAVOUR = ("none", "insufficient-data", "caution", "recommend")


def verdict(answer: Json) -> dict[str, Any]:
    """The assessment without ids, dates and words."""
    return {
        "conclusion": answer["conclusion"],
        "assessable": answer["assessable"],
        "gate": answer["gate"] and answer["gate"]["id"],
        "safety": sorted(found["id"] for found in answer["safety"]),
        "counts": answer["counts"],
        "trials": sorted(json.dumps([trial[name] for name in JUDGED]) for trial in answer["trials"]),
        "flags": sorted(
            (flag["id"], str(flag["esketamine"]), str(flag["ketamine"])) for flag in answer["flags"]
        ),
        "missing": sorted((gap["id"], gap["blocking"]) for gap in answer["missing"]),
        "unreadable": len(answer["unreadable"]),
    }


def raised(answer: Json) -> dict[str, tuple[int, int]]:
    """What weighs on a route, and how much on each: contraindications, cautions and safety triggers."""
    flags = {f["id"]: (_weight(f["esketamine"]), _weight(f["ketamine"])) for f in answer["flags"]}
    triggers = {found["id"]: (2, 2) for found in answer["safety"]}
    return {name: weights for name, weights in (flags | triggers).items() if any(weights)}


BY_WORDS = "recognised by its wording only"


def lost(before: Json, after: Json) -> set[str]:
    """The flags and triggers that are no longer raised, or weigh less, on one of the routes."""
    now = raised(after)
    return {
        name
        for name, weights in raised(before).items()
        if any(a < b for a, b in zip(now.get(name, (0, 0)), weights, strict=True))
    }


def evidence(answer: Json, name: str) -> set[str]:
    """The references of all that a flag, a trigger or the trials of an ingredient rest on."""
    rows = (*answer["flags"], *answer["safety"], *answer["trials"])
    return {
        found for row in rows if name in (row.get("id"), row.get("ingredient")) for found in row["evidence"]
    }


def _weight(level: str | None) -> int:
    return {"contraindication": 2, "caution": 1}.get(level or "", 0)


def unknown(answer: Json) -> set[str]:
    """Gaps, and the references of entries that could not be read."""
    return {gap["id"] for gap in answer["missing"]} | {one["reference"] for one in answer["unreadable"]}


def told(answer: Json) -> set[str]:
    """Everything that the answer names: flags, triggers, gaps, entries, and what trials fall short of."""
    shortfalls = {shortfall for trial in answer["trials"] for shortfall in trial["shortfalls"]}
    reasons = {trial["reason"] for trial in answer["trials"] if trial["reason"]}
    flags = {flag["id"] for flag in answer["flags"]}
    gate = {answer["gate"]["id"]} if answer["gate"] else set()
    return {*raised(answer)} | unknown(answer) | flags | shortfalls | reasons | gate


def counted(answer: Json) -> set[str]:
    """The ingredients of the trials that count."""
    return {trial["ingredient"] for trial in answer["trials"] if trial["status"] == "counted"}


def topics(answer: Json) -> list[str]:
    """The topics of the cards that go with an assessment."""
    if answer["gate"] and answer["gate"]["id"] == "GATE-DECEASED":
        return []
    safety = ["safety"] if answer["safety"] else []
    if not answer["assessable"]:
        return [*safety, "not-assessed"]
    return safety + ([] if answer["conclusion"] == "none" else [answer["conclusion"]])


def explained(before: Json, after: Json, name: str) -> bool:
    """Whether what a flag, a trigger or a trial rested on is named now as unknown, and was not before.

    A contraindication that only words name any more is a caution, and says so.
    """
    rested_on = evidence(before, name)
    lists = {gap for kind, gap in LISTS.items() if any(one.startswith(kind) for one in rested_on)}
    short = any(trial["shortfalls"] for trial in after["trials"] if trial["ingredient"] == name)
    worded = any(BY_WORDS in flag["text"] for flag in after["flags"] if flag["id"] == name)
    return (
        short
        or worded
        or not (unknown(after) - unknown(before)).isdisjoint({*rested_on, *lists, GAPS_OF.get(name)})
    )


def better(before: Json, after: Json) -> bool:
    """Whether the conclusion is more favourable, and no flag that is gone has its reason named as unknown."""
    told = any(explained(before, after, flag) for flag in lost(before, after))
    return not told and FAVOUR.index(after["conclusion"]) > FAVOUR.index(before["conclusion"])
