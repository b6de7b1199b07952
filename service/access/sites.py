"""What an EHR wants of its cards and of discovery, as the operator has entered it; off unless entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds_hooks.contexts import HOOKS


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """What is different for one EHR.

    `silent` are the hooks whose cards are recorded only. `shared_service`: all hooks have one service id, so
    that later cards replace earlier ones. `crd`: discovery offers to turn kinds of card off, and cards name
    the orders that they are about. `dated`: its templates may tell days, as clients of CDS Hooks 3 fill them
    in. `links`: cards link to pages; None: as the settings say. `tasks`: cards offer a Task as reminder.
    """

    silent: frozenset[str] = frozenset()
    shared_service: bool = False
    crd: bool = False
    dated: bool = False
    links: bool | None = None
    tasks: bool = False


USUAL = Site()
"""What is not different."""


def site_of(entry: Mapping[str, Any]) -> Site:
    """Return the site that an entry of the file of issuers describes."""
    return Site(
        silent=_hooks(entry["silent"]),
        shared_service=bool(entry["sharedService"]),
        crd=bool(entry["crd"]),
        dated=bool(entry["fhirpathTokens"]),
        links=entry["links"],
        tasks=bool(entry["tasks"]),
    )


def site_words(site: Site) -> dict[str, object]:
    """Return the differences of a site from the usual, by field names of its entry."""
    told = {
        "silent": sorted(site.silent),
        "sharedService": site.shared_service,
        "crd": site.crd,
        "fhirpathTokens": site.dated,
        "tasks": site.tasks,
    }
    words = {name: value for name, value in told.items() if value}
    return words | ({"links": False} if site.links is False else {})


def _hooks(silent: bool | list[str] | None) -> frozenset[str]:
    if isinstance(silent, bool):
        return frozenset(HOOKS) if silent else frozenset()
    return frozenset(silent or ())
