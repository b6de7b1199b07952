"""The drafted reminder: a Task to come back to what a card said, which orders nothing."""

from typing import Any

from fhir.resources.R4B.task import Task

from service.clinical.assessment import Assessment
from service.render.context import RenderContext
from service.render.escape import without_tags
from service.render.referral import from_the_hook
from service.render.view import View


def drafted_task(context: RenderContext, assessment: Assessment, shown: View) -> dict[str, Any]:
    """Return the Task as FHIR R4 JSON, checked by the R4 model; it repeats the first line of the card."""
    made = {
        "resourceType": "Task",
        "status": "draft",
        "intent": "proposal",
        "code": {"text": context.wording.sentence("suggestion.task")},
        "description": without_tags(shown.summary),
        "for": {"reference": f"Patient/{context.patient_id}"},
        "authoredOn": assessment.assessed_on.isoformat(),
        **from_the_hook(context),
    }
    Task.model_validate(made)
    return made
