"""The source attributes of 45 CFR 170.315(b)(11)(iv)(A), answered for one rule."""

from collections.abc import Mapping, Sequence

from mappings.basis import Basis
from service.web.basis.page import BasisAttribute, BasisEdition, Citation


def source_attributes(
    basis: Basis, uses: Mapping[str, str], cited: Sequence[Citation], edition: BasisEdition
) -> tuple[BasisAttribute, ...]:
    """Return each attribute, as the rule answers it or else as all rules do."""
    known = {
        "citations": "; ".join(f"{one.citation} [{one.id}]" for one in cited),
        "version": edition.version,
        "since": edition.effective_since,
        "checked_on": edition.checked_on,
        "checked_by": edition.checked_by,
        "review_by": edition.review_by,
        "released": basis.change[-1].day,
    }
    return tuple(
        BasisAttribute(number=row.number, name=row.name, text=uses.get(row.id, row.text).format(**known))
        for row in basis.attribute
    )
