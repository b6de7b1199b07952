"""Command line of the rebuild: reads the source folder, writes the tables, prints how many rows each has."""

import sys
from pathlib import Path

from mappings.rebuild import conditions, drugs, measurements
from mappings.renewal.tables import write_rows

SHIPPED = Path(__file__).parents[1] / "terminology"


def main(arguments: list[str]) -> int:
    """Write every table to the shipped folder, or to the second argument; return the exit code."""
    if len(arguments) not in (1, 2):
        print("usage: python -m mappings.rebuild SOURCE_DIR [TARGET_DIR]", file=sys.stderr)
        return 2
    source, target = Path(arguments[0]), Path(arguments[-1] if len(arguments) == 2 else SHIPPED)
    tables = (
        drugs.products(source),
        drugs.package_codes(source),
        drugs.names(source),
        conditions.condition_codes(source),
        measurements.observation_codes(source),
        measurements.procedure_codes(source),
    )
    for table in tables:
        write_rows(target / table.file, table)
        print(f"{table.file}: {len(table.rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
