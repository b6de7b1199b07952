"""The Questionnaire of a policy: the history that every payer asks for, then its criteria one by one."""

from collections.abc import Iterator, Mapping
from typing import Any

from fhir.resources.R4B.questionnaire import Questionnaire

from mappings.policies import FORM, Policy, PolicyRow, PolicyTable
from mappings.wording import Wording
from service.clinical.criteria import Standing

Json = dict[str, Any]

CRITERIA = "criteria"
_CHOICES = {"standing": "status", "status": "status", "outcome": "outcome"}
_REPEATED = frozenset({"evidence", "reasons", "lacking", "code", "stopped"})


def form_url(base: str, policy: Policy) -> str:
    """Return the canonical address of a policy's form."""
    return f"{base}/Questionnaire/criteria-{policy.id}"


def questionnaire(policy: Policy, table: PolicyTable, wording: Wording, base: str) -> Json:
    """Return the form as FHIR R4 JSON, checked by the model; `base` is the address of the service."""
    history = [_group(name, table, wording, base) for name in FORM if name != "criterion"]
    made = {
        "resourceType": "Questionnaire",
        "url": form_url(base, policy),
        "version": policy.version,
        "name": f"Criteria_{policy.id.replace('-', '_')}",
        "title": policy.title,
        "status": "draft",
        "subjectType": ["Patient"],
        "publisher": wording.source.label,
        "description": table.texts["page.promise"],
        "item": [
            *history,
            {
                "linkId": CRITERIA,
                "type": "group",
                "text": f"{policy.title} ({policy.publisher})",
                "item": [_criterion(row, table, wording, base) for row in policy.criterion],
            },
        ],
    }
    Questionnaire.model_validate(made)
    return made


def options(name: str, table: PolicyTable, wording: Wording, base: str) -> Mapping[str, Json]:
    """Return the codings that the choice `name` offers, by code."""
    words = _words(name, table, wording)
    system = f"{base}/CodeSystem/{name}"
    return {code: {"system": system, "code": code, "display": word} for code, word in words.items()}


def _words(name: str, table: PolicyTable, wording: Wording) -> Mapping[str, str]:
    if name == "standing":
        return {standing.value: table.texts[f"status.{standing.value}"] for standing in Standing}
    return wording.words[_CHOICES[name]]


def _group(name: str, table: PolicyTable, wording: Wording, base: str) -> Json:
    return {
        "linkId": name,
        "type": "group",
        "text": table.texts[f"form.{name}"],
        "repeats": True,
        "item": list(_items(name, name, table, wording, base)),
    }


def _criterion(row: PolicyRow, table: PolicyTable, wording: Wording, base: str) -> Json:
    link = f"{CRITERIA}.{row.id}"
    asked = {"linkId": f"{link}.asked", "type": "display", "text": row.text}
    return {
        "linkId": link,
        "type": "group",
        "text": table.title(row),
        "item": [asked, *_items("criterion", link, table, wording, base)],
    }


def _items(group: str, link: str, table: PolicyTable, wording: Wording, base: str) -> Iterator[Json]:
    for name, kind in FORM[group].items():
        item: Json = {
            "linkId": f"{link}.{name}",
            "type": kind,
            "text": table.texts[f"form.{name}"],
        }
        if kind == "choice":
            offered = options(name, table, wording, base).values()
            item["answerOption"] = [{"valueCoding": coding} for coding in offered]
        if name in _REPEATED:
            item["repeats"] = True
        yield item
