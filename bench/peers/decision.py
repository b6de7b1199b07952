"""The decision that all peers make, in plain Python over dicts, as a typical service would write it.

Which ingredients cover at least so many days at their minimum dose, by dispenses, orders and statements whose
intervals are merged; two contraindications, one allergy, and the last systolic pressure: one to four cards.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Period = tuple[date, date]

TABLE = json.loads(Path(__file__).with_name("decision.json").read_text(encoding="utf-8"))
PRODUCTS, MINIMUM = TABLE["products"], TABLE["minimumMg"]
STATUSES = {
    "MedicationDispense": ("completed",),
    "MedicationRequest": ("active", "completed"),
    "MedicationStatement": ("active", "completed"),
}


def cards(prefetch: Mapping[str, Any]) -> list[Json]:
    """The one to four cards about what was prefetched."""
    resources = [each for value in prefetch.values() for each in _resources(value)]
    covered = _covered(resources)
    made = [_card("info", f"{len(covered)} adequately covered: {', '.join(covered) or 'none'}")]
    if found := sorted(set(_contraindications(resources))):
        made.append(_card("critical", f"contraindicated: {', '.join(found)}"))
    if any(_is_allergy(each) for each in resources):
        made.append(_card("critical", f"allergy: {TABLE['allergen']['name']}"))
    last = max(_pressures(resources), default=None)
    if last and last[1] >= TABLE["systolic"]["limit"]:
        made.append(_card("warning", f"systolic pressure {last[1]} on {last[0][:10]}"))
    return made


def _resources(value: Any) -> Iterator[Json]:
    if not isinstance(value, dict):
        return
    if value.get("resourceType") == "Bundle":
        for entry in value.get("entry", ()):
            yield from _resources(entry.get("resource"))
    else:
        yield value


def _covered(resources: list[Json]) -> list[str]:
    """The ingredients with enough days at the minimum dose."""
    periods: dict[str, list[Period]] = defaultdict(list)
    for each in resources:
        if each.get("status") not in STATUSES.get(each["resourceType"], ()):
            continue
        product = _product(each)
        if product is None or _daily_mg(each, product["mg"]) < MINIMUM[product["ingredient"]]:
            continue
        if period := _period(each):
            periods[product["ingredient"]].append(period)
    return sorted(name for name, found in periods.items() if _days(found) >= TABLE["coveredDays"])


def _product(resource: Json) -> Json | None:
    for coding in resource.get("medicationCodeableConcept", {}).get("coding", ()):
        if found := PRODUCTS.get(coding.get("code")):
            return dict(found)
    return None


def _daily_mg(resource: Json, mg: float) -> float:
    dosage = (resource.get("dosageInstruction") or resource.get("dosage") or [{}])[0]
    repeat = dosage.get("timing", {}).get("repeat", {})
    doses = dosage.get("doseAndRate") or [{}]
    units = doses[0].get("doseQuantity", {}).get("value", 0)
    return float(units * repeat.get("frequency", 0) / repeat.get("period", 1) * mg)


def _period(resource: Json) -> Period | None:
    match resource["resourceType"]:
        case "MedicationDispense":
            begin, days = resource.get("whenHandedOver"), resource.get("daysSupply", {}).get("value")
        case "MedicationRequest":
            supply = resource.get("dispenseRequest", {}).get("expectedSupplyDuration", {})
            begin, days = resource.get("authoredOn"), supply.get("value")
        case _:
            period = resource.get("effectivePeriod", {})
            return _between(period.get("start"), period.get("end"))
    if not begin or not days:
        return None
    first = date.fromisoformat(begin[:10])
    return first, first + timedelta(days=int(days))


def _between(start: str | None, end: str | None) -> Period | None:
    if not start or not end or end <= start:
        return None
    return date.fromisoformat(start[:10]), date.fromisoformat(end[:10])


def _days(periods: list[Period]) -> int:
    """How many days the periods cover together, each without its last day."""
    total, reached = 0, date.min
    for begin, end in sorted(periods):
        total += max((end - max(begin, reached)).days, 0)
        reached = max(reached, end)
    return total


def _codes(concept: Json) -> Iterator[str]:
    return (coding.get("code", "") for coding in concept.get("coding", ()))


def _contraindications(resources: list[Json]) -> Iterator[str]:
    for each in resources:
        if each["resourceType"] == "Condition" and "active" in _codes(each.get("clinicalStatus", {})):
            yield from (code for code in _codes(each.get("code", {})) if code in TABLE["contraindications"])


def _is_allergy(resource: Json) -> bool:
    if resource["resourceType"] != "AllergyIntolerance":
        return False
    return TABLE["allergen"]["code"] in _codes(resource.get("code", {}))


def _pressures(resources: list[Json]) -> Iterator[tuple[str, float]]:
    for each in resources:
        if each["resourceType"] == "Observation" and each.get("status") == "final":
            for part in (each, *each.get("component", ())):
                if TABLE["systolic"]["code"] in _codes(part.get("code", {})) and "valueQuantity" in part:
                    yield each.get("effectiveDateTime", ""), part["valueQuantity"]["value"]


def _card(indicator: str, summary: str) -> Json:
    return {"summary": summary, "indicator": indicator, "source": {"label": "bench"}}
