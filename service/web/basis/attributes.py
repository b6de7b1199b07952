"""The source attributes of 45 CFR 170.315(b)(11)(iv)(A), answered for one rule."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mappings.basis import Attribute, Basis
from mappings.sources import SourceRow
from service.web.basis.page import BasisEdition


def source_attributes(
    basis: Basis, uses: Mapping[str, str], cited: Sequence[SourceRow], edition: BasisEdition
) -> tuple[Attribute, ...]:
    """Return each attribute, as the rule answers it or else as all rules do."""
    known = {
        "citations": "; ".join(f"{source.citation} [{source.id}]" for source in cited),
        "version": edition.version,
        "since": edition.effective_since,
        "checked_on": edition.checked_on,
        "checked_by": edition.checked_by,
        "review_by": edition.review_by,
        "released": basis.change[-1].day,
    }
    return tuple(replace(row, text=uses.get(row.id, row.text).format(**known)) for row in basis.attribute)
