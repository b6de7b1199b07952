"""Narrow rows: what the service reads of a resource, and where it stood, as it is kept between reading and
screening.

They hold the typed resources of `service.fhir`, so they do not depend on rules, definitions or days.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files

import msgspec

from service.clinical.facts import Completeness, Unreadable
from service.fhir.bundles import ReceivedResource
from service.fhir.resources import AnyResource


class NarrowRow(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One resource with its place, or why there is none; `lists` is what a Bundle says of its completeness.

    `name`, `number`, `url` and `included` are those of `ReceivedResource`. `lists` is None for a line of
    NDJSON, whose export says for all patients together which types it holds.
    """

    resource: AnyResource | None = None
    name: str = ""
    number: int = 0
    url: str = ""
    included: bool = False
    set_aside: tuple[Unreadable, ...] = ()
    lists: Mapping[str, Completeness] | None = None

    @property
    def received(self) -> ReceivedResource | None:
        """The resource as the reader of records takes it."""
        if self.resource is None:
            return None
        return ReceivedResource(self.resource, self.name, self.number, self.url, self.included)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(NarrowRow)
encoded = _ENCODER.encode
decoded = _DECODER.decode


@cache
def reading_version() -> str:
    """Return what tells rows of another reading apart: a digest of the modules that read resources."""
    digest = sha256()
    for package in ("service.fhir", "service.population"):
        for file in sorted(files(package).iterdir(), key=lambda each: each.name):
            if file.name.endswith(".py"):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]
