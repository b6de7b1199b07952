"""FHIR OperationOutcome: the body of every answer that is not a success."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """One thing that is wrong: what was expected (`text`), and where (`expression`, a path in the input).

    `code` is a FHIR issue type. `diagnostics` is for whoever debugs the caller. None of the four ever
    repeats a value of the input, for that may be about a patient.
    """

    code: str
    text: str
    expression: str | None = None
    diagnostics: str | None = None

    def __str__(self) -> str:
        return f"{self.expression}: {self.text}" if self.expression else self.text


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """Return the OperationOutcome that reports `issues`, each as an error."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def _issue(issue: Issue) -> dict[str, Any]:
    members = {
        "severity": "error",
        "code": issue.code,
        "details": {"text": issue.text},
        "diagnostics": issue.diagnostics,
        "expression": [issue.expression] if issue.expression else None,
    }
    return {name: value for name, value in members.items() if value is not None}
