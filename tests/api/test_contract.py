"""A contract fuzzer sends requests made from openapi.yaml, valid and invalid, to the running service."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.served import REPOSITORY

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]

schema = schemathesis.openapi.from_path(REPOSITORY / "openapi.yaml")


@schema.parametrize()
@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_service_keeps_its_contract(case: schemathesis.Case[Any], service: str) -> None:
    """No request brings forth a 5xx, or a status, header or body that openapi.yaml does not describe."""
    case.call_and_validate(base_url=service, checks=CHECKS, timeout=60)
