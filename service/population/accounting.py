"""The account of a screening: every line of the input is in a row, ignored by rule, or listed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from service.population.errors import ScreenError
from service.population.inputs import Export
from service.population.partitions import Screened
from service.population.tasks import Account


def account_of(
    accounts: Sequence[Account], screened: Sequence[Screened], rows: int, found: Export
) -> Mapping[str, Any]:
    """Return what became of every line; raise ScreenError if one, or a row of the `rows`, is lost."""
    ignored: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for account in accounts:
        ignored.update(account.ignored)
    for each in screened:
        failures.update(each.failures)
    lines = sum(sum(account.lines.values()) for account in accounts)
    fates = {
        "of_patients": sum(account.of_patients for account in accounts),
        "of_all": sum(account.of_all for account in accounts),
        "listed": sum(account.listed for account in accounts),
    }
    if lines != sum(fates.values()) + ignored.total() or rows != sum(each.rows for each in screened):
        raise ScreenError("lines of the input are not accounted for: this is a fault of ours")
    return {
        "patients": sum(each.patients for each in screened),
        "failures": dict(failures),
        "lines": {
            "files": len(found.sources),
            "lines": lines,
            "blank": sum(account.blank for account in accounts),
            **fates,
            "ignored": dict(sorted(ignored.items())),
            "files_passed_over": list(found.passed_over),
        },
    }
