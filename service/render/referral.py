"""The drafted referral: a ServiceRequest for a psychiatric evaluation, never an order for a drug."""

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_hooks.grammar import LOGICAL_ID, REFERENCE
from mappings.gaps import GapId
from mappings.wording import Wording
from service.clinical.assessment import Assessment, TrialStatus
from service.clinical.routes import to_weigh
from service.render.context import RenderContext
from service.render.courses import ranked
from service.render.escape import Markdown, plain
from service.render.fitting import cut
from service.render.templates import filled
from service.render.view import View

_ON_THE_SERVER = re.compile(REFERENCE)
_CLINICIAN = re.compile(rf"Practitioner(Role)?/{LOGICAL_ID}")
_ID = re.compile(LOGICAL_ID)
_MOST_REFERENCES = 30


def drafted_referral(context: RenderContext, assessment: Assessment, shown: View) -> dict[str, Any]:
    """Return the referral as FHIR R4 JSON, checked by the R4 model."""
    referral = context.wording.referral
    fields = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": referral.intent,
        "code": {"coding": [{"system": referral.system, "code": referral.code}], "text": referral.text},
        "subject": {"reference": f"Patient/{context.patient_id}"},
        "authoredOn": assessment.assessed_on.isoformat(),
        "note": [{"text": _note(context.wording, assessment, shown)}],
        "reasonReference": _references(_conditions(assessment)),
        "supportingInfo": _references(_support(assessment)),
        **from_the_hook(context),
    }
    made = {name: value for name, value in fields.items() if value}
    ServiceRequest.model_validate(made)
    return made


def from_the_hook(context: RenderContext) -> dict[str, Any]:
    """Return encounter and requester, if the call names them, as elements of a new resource."""
    found: dict[str, Any] = {}
    if context.encounter_id and _ID.fullmatch(context.encounter_id):
        found["encounter"] = {"reference": f"Encounter/{context.encounter_id}"}
    if context.requester and _CLINICIAN.fullmatch(context.requester):
        found["requester"] = {"reference": context.requester}
    return found


def _conditions(assessment: Assessment) -> list[str]:
    return [reference for reference in assessment.diagnoses if reference.startswith("Condition/")]


def _support(assessment: Assessment) -> list[str]:
    """Return the resources behind the counted trials and the flags, except those given as the reason."""
    trials = [trial for trial in ranked(assessment.trials) if trial.status is not TrialStatus.NOT_COUNTED]
    evidence = chain(
        chain.from_iterable(trial.evidence for trial in trials),
        chain.from_iterable(flag.evidence for flag in to_weigh(assessment.flags)),
    )
    reasons = set(_conditions(assessment))
    return [reference for reference in evidence if reference not in reasons]


def _references(references: Iterable[str]) -> list[dict[str, str]]:
    # Contained, absolute and otherwise odd references mean nothing in a new resource.
    usable = dict.fromkeys(reference for reference in references if _ON_THE_SERVER.fullmatch(reference))
    return [{"reference": reference} for reference in list(usable)[:_MOST_REFERENCES]]


def _note(wording: Wording, assessment: Assessment, shown: View) -> str:
    limits = wording.limits
    trials = [trial for trial in shown.ledger if trial.status != TrialStatus.NOT_COUNTED.value]
    gaps = sorted((*shown.needed, *shown.unknown), key=lambda gap: gap.id != GapId.RISK)
    groups = {
        group: [flag for flag in shown.weighed if flag.group == group] for group in ("deciding", "planning")
    }
    return filled(
        "note",
        day=assessment.assessed_on,
        profile=assessment.profile,
        version=Markdown(assessment.rule_set_version),
        definition=plain(assessment.definition, limits.definition).rstrip("."),
        trials=cut(wording, trials, limits.note),
        flags=cut(wording, groups["deciding"], limits.note),
        planning=cut(wording, groups["planning"], limits.others),
        always=[flag for flag in shown.weighed if flag.id in wording.always_shown],
        gaps=cut(wording, gaps, limits.note),
    )
