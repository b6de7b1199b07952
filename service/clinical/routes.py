"""How much the flags weigh on each route, and which of them decide."""

from collections.abc import Sequence
from enum import StrEnum

from service.clinical.assessment import Flag, Level


class Route(StrEnum):
    """How the drug would be given; the flags weigh on each on its own."""

    ESKETAMINE = "esketamine"
    KETAMINE = "ketamine"


ROUTES = (Route.ESKETAMINE, Route.KETAMINE)
_WEIGHT = {Level.CONTRAINDICATION: 3, Level.CAUTION: 2, Level.INFO: 1}


def on_route(flag: Flag, route: Route) -> Level | None:
    """Return how much the flag weighs on the route."""
    return flag.esketamine if route is Route.ESKETAMINE else flag.ketamine


def held(flag: Flag, *routes: Route) -> bool:
    """Tell whether every contraindication that the flag gives on these routes is a hold."""
    forbidden = [route for route in routes if on_route(flag, route) is Level.CONTRAINDICATION]
    return bool(forbidden) and all(
        flag.hold.esketamine if route is Route.ESKETAMINE else flag.hold.ketamine for route in forbidden
    )


def level_word(flag: Flag, route: Route) -> str | None:
    """Return the name of the level; a contraindication that no source calls one is a "hold"."""
    level = on_route(flag, route)
    return "hold" if held(flag, route) and level is Level.CONTRAINDICATION else level


def of_level(flags: Sequence[Flag], route: Route, level: Level) -> list[Flag]:
    """Return the flags that weigh so much on the route."""
    return [flag for flag in flags if on_route(flag, route) is level]


def contraindicated(flags: Sequence[Flag], route: Route) -> bool:
    """Say whether any flag forbids the route."""
    return bool(of_level(flags, route, Level.CONTRAINDICATION))


def no_route_left(flags: Sequence[Flag]) -> bool:
    """Say whether every route has a contraindication."""
    return all(contraindicated(flags, route) for route in ROUTES)


def heaviest_first(flags: Sequence[Flag], routes: Sequence[Route] = ROUTES) -> list[Flag]:
    """Return the flags by their weight on these routes, those of equal weight in their own order."""
    return sorted(
        flags, key=lambda flag: (-_weight(flag, routes), -_weight(flag, ROUTES), held(flag, *routes))
    )


def to_weigh(flags: Sequence[Flag], routes: Sequence[Route] = ROUTES) -> list[Flag]:
    """Return the contraindications and cautions on these routes, heaviest first."""
    least = _WEIGHT[Level.CAUTION]
    return [flag for flag in heaviest_first(flags, routes) if _weight(flag, routes) >= least]


def forbidding(flags: Sequence[Flag], routes: Sequence[Route] = ROUTES) -> list[Flag]:
    """Return the flags that forbid any of these routes, those that rest on a project default last."""
    return [flag for flag in heaviest_first(flags, routes) if any(contraindicated([flag], r) for r in routes)]


def heaviest(flags: Sequence[Flag], route: Route) -> tuple[str, list[Flag]]:
    """Return the name of the heaviest level on the route and the flags that give it.

    The name is "nothing" when no contraindication and no caution is on record.
    """
    forbidden = forbidding(flags, [route])
    if forbidden:
        return ("hold" if all(held(flag, route) for flag in forbidden) else "contraindication"), forbidden
    weighed = of_level(flags, route, Level.CAUTION)
    return ("caution" if weighed else "nothing"), weighed


def _weight(flag: Flag, routes: Sequence[Route]) -> int:
    levels = [level for route in routes if (level := on_route(flag, route))]
    return max((_WEIGHT[level] for level in levels), default=0)
