"""`python -m tests.hospital.broken`: the service with a fault, whose text holds what a call brought.

It stands for any bug: a chart cannot be told of, and the exception repeats the whole request.
"""

import sys
from datetime import date
from typing import Any

from cds_hooks.request import HookRequest
from service.answer import services
from service.answer.cards import HookAnswer, RuleSet, answer_chart
from service.answer.read import ReadRecord
from service.cli import main


def _fail(request: HookRequest, read: ReadRecord, rules: RuleSet, today: date, *site: Any) -> HookAnswer:
    """Fail in the calls of an EHR; the one that warms the service up goes well."""
    if request.fhir_server is None:
        return answer_chart(request, read, rules, today, *site)
    token: Any = request.authorization and request.authorization.access_token
    raise ValueError(
        f"{request.patient_id} {request.user_id} {request.fhir_server} {token} {request.prefetch}"
    )


if __name__ == "__main__":
    setattr(services, "answer_chart", _fail)  # noqa: B010  # the name is one of another module there
    sys.exit(main(["serve"]))
