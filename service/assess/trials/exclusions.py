"""Uses of an antidepressant that can never be a trial (clinical rules 2.1, 2.2 and 12)."""

from collections.abc import Sequence

from mappings.drugs import Drug
from mappings.remarks import Remark, say
from service.clinical.facts import Exposure, Purpose


def never_counts(exposure: Exposure, drug: Drug) -> str:
    """Return why this product can never be an antidepressant trial; "" when it can."""
    if drug.never_counts:
        return drug.never_counts
    for_depression = any(reason.purpose is Purpose.DEPRESSION for reason in exposure.reasons)
    if exposure.product.never_counts and not for_depression:
        return exposure.product.never_counts
    if drug.only_route and exposure.product.route not in ("", drug.only_route):
        return say(Remark.OTHER_ROUTE, route=exposure.product.route, ingredient=drug.ingredient)
    return ""


def purposes(exposures: Sequence[Exposure]) -> frozenset[Purpose]:
    """Return the purposes that the recorded reasons of a course name; empty where they name none."""
    stated = {reason.purpose for exposure in exposures for reason in exposure.reasons}
    return frozenset(stated - {Purpose.NONE})


def for_something_else(exposures: Sequence[Exposure]) -> bool:
    """Tell whether a reason is recorded and depression is not among the reasons."""
    stated = purposes(exposures)
    return bool(stated) and Purpose.DEPRESSION not in stated


def for_smoking_only(exposures: Sequence[Exposure]) -> bool:
    """Tell whether smoking cessation is recorded as the reason and depression is not."""
    stated = purposes(exposures)
    return Purpose.SMOKING in stated and Purpose.DEPRESSION not in stated


def not_for_depression(exposures: Sequence[Exposure], drug: Drug) -> bool:
    """Tell whether a recorded reason is not depression, or a reason that this drug needs is missing."""
    unstated = not purposes(exposures)
    return for_something_else(exposures) or (unstated and drug.needs_depression_reason)
