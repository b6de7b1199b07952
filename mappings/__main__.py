"""`python -m mappings` reads every rule table as the service does at its start, and says what it found."""

import sys

from mappings.knowledge import load_knowledge
from mappings.tables import TableError, rule_tables


def main() -> int:
    """Print one line; return 1 when a table cannot be used."""
    try:
        knowledge = load_knowledge()
    except TableError as error:
        print(error, file=sys.stderr)
        return 1
    for row in knowledge.missing:
        print(f"missing against the shipped tables: {row}")
    print(f"{len(rule_tables())} tables, rule set {knowledge.version}: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
