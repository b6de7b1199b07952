"""`make mutants`: change the code that judges in small ways, one at a time, and see whether a test fails.

A change that no test notices is either the same behaviour, and `survivors.toml` says why, or a missing test.
"""

import argparse
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from tests.mutants.sampling import Mutant, sample
from tests.mutants.trying import tried
from tests.served import REPOSITORY

SEED = 2026
REPORT = REPOSITORY / "docs" / "mutants.md"
WANTED = 0.9
_SURVIVORS = Path(__file__).with_name("survivors.toml")


def main() -> int:
    """Try a sample; return 1 where fewer are noticed than wanted, or one that is not has no reason."""
    asked = _arguments()
    mutants = sample(asked.sample, asked.seed)
    print(f"{len(mutants)} mutants", flush=True)
    begun = time.monotonic()
    trials = tried(
        mutants, asked.processes, lambda line: print(f"{time.monotonic() - begun:5.0f} s {line}", flush=True)
    )
    if trials.failed or not trials.noticed:
        print(f"tests fail with nothing changed: {', '.join(trials.failed)}")
        return 1
    left = [mutant for mutant, test in zip(mutants, trials.noticed, strict=True) if not test]
    lines = list(report(len(mutants), left, asked.seed))
    print("\n".join(lines))
    if asked.write:
        REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    share = 1 - len(left) / len(mutants)
    return int(share < WANTED or any(reason(mutant) is None for mutant in left))


def report(count: int, left: Sequence[Mutant], seed: int) -> Iterator[str]:
    """Yield the page about a sample."""
    noticed = count - len(left)
    share = 100 * noticed / count
    yield "# Mutants"
    yield ""
    yield "Written by `make mutants`: small changes to `service/assess`, `cds_hooks` and the loaders in"
    yield "`mappings`, one at a time; for each a test has to fail, of those that run the changed statement,"
    yield "within a minute of tests. A run that was ended goes on where it was."
    yield ""
    yield f"Seed {seed}: {noticed} of {count} noticed ({share:.1f} %). Not noticed:"
    yield ""
    yield "| where | what stood there | what no test missed | why |"
    yield "| --- | --- | --- | --- |"
    for mutant in left:
        before, after = (code.replace("|", "\\|") for code in (mutant.before, mutant.after))
        why = reason(mutant) or "a test is missing"
        yield f"| {mutant.file}, {mutant.function} | `{before}` | `{after}` | {why} |"


def reason(mutant: Mutant) -> str | None:
    """Return why a change need not be noticed, if somebody has said so."""
    return _reasons().get((mutant.file, mutant.function, mutant.after))


@cache
def _reasons() -> dict[tuple[str, str, str], str]:
    rows = tomllib.loads(_SURVIVORS.read_text(encoding="utf-8")).get("survivor", [])
    return {(row["file"], row["function"], row["after"]): row["why"] for row in rows}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--sample", type=int, default=300, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="which (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="at a time (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help=f"write docs/{REPORT.name}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
