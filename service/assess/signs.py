"""A sign: one answer or entry of the record under a trigger of a safety assessment."""

from msgspec import Struct
from msgspec.structs import replace

from mappings.safety import SafetyTable


class Sign(Struct, frozen=True, kw_only=True, gc=False):
    """One answer or entry under a trigger; `lowered_by` says in words what lowers it, if anything does.

    `screened`: the C-SSRS was answered, for or against this finding.
    """

    trigger: str
    text: str
    reference: str
    lowered_by: str = ""
    screened: bool = False

    def not_followed(self, table: SafetyTable) -> "Sign":
        """Return the sign with the remark that no negative screen followed."""
        return replace(self, text=table.text.not_followed.format(finding=self.text))
