"""From a patient's record to cards about referral for evaluation for esketamine or ketamine.

`assess_bundle` is what other Python programs may call: it stays as it is within a major version, all else may
change. Every other module imports this one, so nothing is imported here before it is needed.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mappings.knowledge import Knowledge
    from service.clinical.assessment import Assessment

    __version__: str

__all__ = ["__version__", "assess_bundle"]


def assess_bundle(
    bundle: bytes | str | Mapping[str, Any], *, as_of: date, profile: str = "default"
) -> "Assessment":
    """Return the assessment of a FHIR R4 Bundle, or of a CDS Hooks request, of one patient on one day.

    `bundle` is JSON, or what `json.load` makes of it; `profile` names the definition of treatment resistance.
    Raise `cds_hooks.errors.CallerError` for any other input, ValueError for an unknown profile.
    """
    from json import dumps

    from service.answer.read import assess_document

    text = dumps(bundle) if isinstance(bundle, Mapping) else bundle
    raw = text.encode() if isinstance(text, str) else text
    knowledge = _shipped_knowledge()
    if profile not in knowledge.criteria:
        raise ValueError(f"expected a profile among {', '.join(knowledge.criteria)}")
    return assess_document(raw, knowledge, profile=profile, as_of=as_of)


@cache
def _shipped_knowledge() -> "Knowledge":
    """Return the tables, which are read once."""
    from mappings.knowledge import load_knowledge

    return load_knowledge()


def __getattr__(name: str) -> str:
    """Return the version of the installed distribution as `__version__`."""
    from importlib.metadata import version

    if name == "__version__":
        return version("ketamine-cds")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
