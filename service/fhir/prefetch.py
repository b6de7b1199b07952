"""The queries to one EHR by prefetch key, and the resources that it never has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from cds_hooks.prefetch import is_dated, on_day, referring
from mappings.prefetch import PrefetchTable

KEY = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
"""A prefetch key of ours, or of a site's."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`templates` are queries by key; `not_offered` the resource types that the EHR does not have.

    `replaced` are the keys whose template is the site's own. Without any of the `essential` keys there is
    nothing to assess. `referring` are further queries, for resources that others refer to: the EHR alone can
    make them, and what it does not send is read one by one.
    """

    templates: Mapping[str, str] = field(repr=False)
    essential: tuple[str, ...]
    not_offered: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    referring: Mapping[str, str] = field(default_factory=dict)

    def on(self, today: date) -> "Asked":
        """Return the same queries with the dates filled in for their tokens."""
        if not any(map(is_dated, self.templates.values())):
            return self
        return replace(self, templates={key: on_day(each, today) for key, each in self.templates.items()})

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """The resource type by prefetch key."""
        return {key: kind_of_query(template) for key, template in self.templates.items()}


def kind_of_query(template: str) -> str:
    """Return the resource type that a template reads or searches for."""
    return template.split("?")[0].split("/")[0]


def usual(table: PrefetchTable) -> Asked:
    """Return the queries for an EHR without settings of its own."""
    return Asked(templates=table.templates({}), essential=table.essential)


def site_asked(
    table: PrefetchTable, templates: Mapping[str, str | None], not_offered: frozenset[str]
) -> Asked:
    """Return the queries for an EHR with its own `templates` and without the types `not_offered`."""
    asked = {
        key: template
        for key, template in table.templates(templates).items()
        if kind_of_query(template) not in not_offered
    }
    referred = {key: template for key, template in asked.items() if referring(template)}
    asked = {key: template for key, template in asked.items() if key not in referred}
    return Asked(
        templates=asked,
        referring=referred,
        essential=tuple(key for key in table.essential if key in asked),
        not_offered=not_offered,
        replaced=frozenset(templates),
    )
