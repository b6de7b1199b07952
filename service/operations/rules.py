"""The rules that this process applies: the shipped tables, and in their place those of the site."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from mappings.dated import tables_as_of
from mappings.knowledge import Knowledge, load_knowledge
from mappings.policies import with_policies
from mappings.prepared import prepared_knowledge
from mappings.tables import TableError, Tables, rule_tables
from mappings.terminology import load_terminology
from mappings.weights import digest_of, with_weights
from service.settings import PREFIX, Settings, SettingsError

T = TypeVar("T")


def read_rules(settings: Settings, rules_as_of: date | None = None) -> Knowledge:
    """Read every table, with the shipped code tables or those of the site, as of an earlier day if asked.

    Raises SettingsError, naming variable, file and row, when a site's cannot be used.
    """
    codes, weights, policies = settings.terminology_dir, settings.flag_weights, settings.policies_dir
    if not (rules_as_of or codes or weights or policies):
        return prepared_knowledge()
    tables: Tables = tables_as_of(rule_tables(), rules_as_of) if rules_as_of else rule_tables()
    tables = _of_the_site("POLICIES_DIR", with_policies, tables, policies) if policies else tables
    terminology = _of_the_site("TERMINOLOGY_DIR", load_terminology, codes) if codes else None
    if weights is None:
        return load_knowledge(terminology, tables)
    knowledge = load_knowledge(terminology, _of_the_site("FLAG_WEIGHTS", with_weights, tables, weights))
    return replace(knowledge, rule_set=f"{knowledge.rule_set}+weights-{digest_of(weights)}")


def _of_the_site(name: str, load: Callable[..., T], *given: Any) -> T:
    """Return what `load` makes of a site's own tables."""
    try:
        return load(*given)
    except TableError as error:
        raise SettingsError(f"{PREFIX}{name}: {error}") from error
