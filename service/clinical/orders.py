"""What a clinician is about to order: the draft orders of an order hook, read like everything else."""

from msgspec import Struct

from mappings.terminology import Product
from service.clinical.facts import Code, Dose, Reason


class DraftOrder(Struct, frozen=True, kw_only=True, gc=False):
    """One draft order.

    `kind` is its resource type, `name` what to call it, `asks_for` every word for what is ordered (the names
    of the medicine; code and details of a service), `text` everything it says in words (category, reason,
    instruction and notes as well) for finding a mention in. `product` is the medicine, None for a service and
    for a medicine that no table knows; `ingredients` are named as in Exposure. `concepts` are the treatments
    and referrals its codes stand for, `codes` the codes themselves. `how` is every word for how and where it
    is given (names, routes, forms, instructions and notes), `route` the stated routes alone. `reason_codes`
    and `reason_groups` are those of its reasons, for telling which diagnosis it is about. `fault` says why
    its medicine could not be identified, `foreign` that it is about another person; `invalid` names the
    elements that FHIR R4 finds wrong. `is_blank`: of a medicine, none is chosen yet, by code or in words.
    """

    reference: str
    kind: str
    name: str
    asks_for: str = ""
    text: str = ""
    product: Product | None = None
    ingredients: tuple[str, ...] = ()
    doses: tuple[Dose, ...] = ()
    as_needed: bool = False
    concepts: frozenset[str] = frozenset()
    codes: tuple[Code, ...] = ()
    how: str = ""
    route: str = ""
    reasons: tuple[Reason, ...] = ()
    reason_codes: tuple[Code, ...] = ()
    reason_groups: frozenset[str] = frozenset()
    do_not_perform: bool = False
    fault: str = ""
    is_blank: bool = False
    foreign: bool = False
    notes: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
