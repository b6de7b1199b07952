"""What the measured cost of a call means for a hospital, a network of hospitals and a country.

The volumes and where they come from stand in docs/scale.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

ANTIDEPRESSANT_SHARE = 0.083  # of medicines ordered: the orders for which a chart is assessed
BUSIEST_HOUR = 1 / 8  # of the calls of a day
USED = 0.5  # of the cores of a replica at most, so that waiting stays short
CORES = 2  # of a replica: one for each worker
LEAST = 2  # replicas, so that one may stop


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Who asks: orders signed and charts opened a day."""

    name: str
    orders: int
    opened: int

    @property
    def peak(self) -> float:
        """Calls a second in the busiest hour."""
        return (self.orders + self.opened) * BUSIEST_HOUR / 3600


SITES = (
    Site(name="hospital of 500 beds", orders=8_600, opened=3_800),
    Site(name="network of 20 such hospitals", orders=172_000, opened=76_000),
    Site(name="England, primary care", orders=4_100_000, opened=2_800_000),
    Site(name="United States, hospitals and e-prescriptions", orders=16_900_000, opened=5_100_000),
)
COLUMNS = (
    "site",
    "calls a day",
    "calls/s, busiest hour",
    "cores busy then",
    "replicas of 2 cores",
    "rows a day",
)


def rows(assessed_ms: float, unrelated_ms: float) -> Iterator[Sequence[str]]:
    """What each site needs when a call costs so many processor milliseconds."""
    for site in SITES:
        calls = site.orders + site.opened
        related = site.opened + site.orders * ANTIDEPRESSANT_SHARE
        mean = (related * assessed_ms + (calls - related) * unrelated_ms) / calls
        busy = site.peak * mean / 1000
        replicas = max(LEAST, ceil(busy / (CORES * USED)) + 1)
        yield site.name, f"{calls:,}", f"{site.peak:.1f}", f"{busy:.2f}", str(replicas), f"{calls:,}"
