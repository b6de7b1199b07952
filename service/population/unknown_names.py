"""Names of medicines that nothing identifies: what a site has to map first."""

from collections.abc import Sequence

from service.fhir.resources import AnyMedication
from service.normalise.codes import code_of
from service.normalise.context import Context
from service.normalise.identify import identity_of, medication_names


def unknown_medicines(context: Context) -> Sequence[str]:
    """Return the names of medicines that no table knows and no RxNorm code shows to be others, each once.

    The RxNorm tables are complete: another RxNorm code shows that no rule is about the medicine.
    """
    record = context.record
    lists = (record.requests, record.dispenses, record.statements, record.administrations)
    resources: list[AnyMedication] = [row.resource for rows in lists for row in rows]
    return sorted({name for resource in resources if (name := _unknown(resource, context))})


def _unknown(resource: AnyMedication, context: Context) -> str:
    identity = identity_of(resource, context)
    if identity.product is not None or not identity.name:
        return ""
    codes = map(code_of, medication_names(resource, context).codings)
    coded = any(code.system == "rxnorm" and code.code.isdecimal() for code in codes)
    return "" if coded else " ".join(identity.name.split())[:200]
