"""One name for one thing."""

import ast
from collections import defaultdict

from tests.served import REPOSITORY

STANDARD = {"Coding", "Issue", "Link"}
"""What FHIR and CDS Hooks call by one name is two classes: of the record, and of what is answered."""


def test_a_public_class_has_a_name_of_its_own() -> None:
    """No two modules define a public class of one name, but for names of the standards."""
    homes = defaultdict(list)
    for package in ("service", "cds_hooks", "mappings"):
        for module in sorted((REPOSITORY / package).rglob("*.py")):
            for node in ast.parse(module.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(str(module.relative_to(REPOSITORY)))
    twice = {name: modules for name, modules in homes.items() if len(modules) > 1}
    assert {name: twice[name] for name in twice.keys() - STANDARD} == {}
