"""What Da Vinci Coverage Requirements Discovery adds to CDS Hooks, as far as any service can use it.

davinci-crd.configuration-options   in discovery: what a client may configure
davinci-crd.configuration           in a call: what it has configured
davinci-crd.associated-resource     on a card: the orders that it is about
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cds_hooks import strict_json
from cds_hooks.errors import BadRequestError

OPTIONS = "davinci-crd.configuration-options"
CONFIGURATION = "davinci-crd.configuration"
ASSOCIATED = "davinci-crd.associated-resource"


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """A kind of card that a client may turn off; `code` is that of `source.topic`."""

    code: str
    name: str
    description: str

    def to_json(self) -> dict[str, Any]:
        """Return the option as it appears in discovery."""
        return {
            "code": self.code,
            "type": "boolean",
            "name": self.name,
            "description": self.description,
            "default": True,
        }


def options(switches: Iterable[Switch]) -> dict[str, Any]:
    """Return the extension of a service in discovery that offers `switches`."""
    return {OPTIONS: [switch.to_json() for switch in switches]}


def turned_off(extension: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes that the extension of a call sets to `false`; any other extension says nothing."""
    text = extension.get(CONFIGURATION)
    if not isinstance(text, bytes):
        return frozenset()
    try:
        configured = strict_json.value(text, f"extension.{CONFIGURATION}")
    except BadRequestError:
        return frozenset()
    if not isinstance(configured, Mapping):
        return frozenset()
    return frozenset(code for code, value in configured.items() if value is False)


def associated(references: Iterable[str]) -> dict[str, Any]:
    """Return the extension of a card that is about the orders with these references."""
    linked = [{"reference": reference} for reference in dict.fromkeys(references)]
    return {ASSOCIATED: linked} if linked else {}
