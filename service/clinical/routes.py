"""The levels of flags on each route, and which flags decide."""

from collections.abc import Sequence
from enum import StrEnum

from service.clinical.assessment import Flag, Level, Weight


class Route(StrEnum):
    """How the drug would be given; the flags weigh on each on its own."""

    ESKETAMINE = "esketamine"
    KETAMINE = "ketamine"


ROUTES = (Route.ESKETAMINE, Route.KETAMINE)
_WEIGHT = {Level.CONTRAINDICATION: 3, Level.CAUTION: 2, Level.INFO: 1}


def on_route(flag: Flag, route: Route) -> Level | None:
    """Return the level of the flag on the route."""
    return flag.esketamine if route is Route.ESKETAMINE else flag.ketamine


def held(flag: Flag, *routes: Route) -> bool:
    """Tell whether every contraindication that the flag gives on these routes is a hold."""
    forbidden = [route for route in routes if on_route(flag, route) is Level.CONTRAINDICATION]
    return bool(forbidden) and all(
        flag.hold.esketamine if route is Route.ESKETAMINE else flag.hold.ketamine for route in forbidden
    )


def level_word(flag: Flag, route: Route) -> str | None:
    """Return the name of the level; a contraindication that no source calls one is a kind of hold."""
    return _hold_word([flag], route) if held(flag, route) else on_route(flag, route)


def _hold_word(flags: Sequence[Flag], route: Route) -> str:
    """Return the kind of hold: a default of this service if any of `flags` is one."""
    within = route is Route.KETAMINE and all(flag.hold.within_label for flag in flags)
    return "hold-within-label" if within else "hold"


def of_level(flags: Sequence[Flag], route: Route, level: Level) -> list[Flag]:
    """Return the flags of this level on the route."""
    return [flag for flag in flags if on_route(flag, route) is level]


def contraindicated(flags: Sequence[Flag], route: Route) -> bool:
    """Tell whether any flag contraindicates the route."""
    return bool(of_level(flags, route, Level.CONTRAINDICATION))


def no_route_left(flags: Sequence[Flag]) -> bool:
    """Tell whether every route has a contraindication."""
    return all(contraindicated(flags, route) for route in ROUTES)


def heaviest_first(flags: Sequence[Flag], routes: Sequence[Route] = ROUTES) -> list[Flag]:
    """Return the flags by their weight on these routes, those of equal weight in their own order."""
    return sorted(flags, key=lambda flag: weight_order(flag, routes))


def weight_order(flag: Flag, routes: Sequence[Route]) -> tuple[int, int, bool]:
    """Return what sorts flags, the heaviest on these routes first."""
    return -_weight(flag, routes), -_weight(flag, ROUTES), held(flag, *routes)


def to_weigh(flags: Sequence[Flag], routes: Sequence[Route] = ROUTES) -> list[Flag]:
    """Return the contraindications and cautions on these routes that decide, heaviest first."""
    return [flag for flag in heaviest_first(flags, routes) if decides(flag, routes)]


def decides(flag: Flag, routes: Sequence[Route] = ROUTES) -> bool:
    """Tell whether the flag decides on one of these routes; a planning caution does not."""
    levels = [on_route(flag, route) for route in routes]
    return Level.CONTRAINDICATION in levels or (Level.CAUTION in levels and flag.weight is Weight.CLINICAL)


def cautions(flags: Sequence[Flag], routes: Sequence[Route]) -> list[Flag]:
    """Return the cautions on these routes that deserve a warning on an order, heaviest first."""
    return [
        flag
        for flag in heaviest_first(flags, routes)
        if Level.CAUTION in [on_route(flag, route) for route in routes]
        and (flag.weight is Weight.CLINICAL or flag.warns_on_order)
    ]


def planned(flags: Sequence[Flag], routes: Sequence[Route]) -> list[Flag]:
    """Return the cautions on these routes for planning by the treating clinic."""
    return [
        flag
        for flag in heaviest_first(flags, routes)
        if Level.CAUTION in [on_route(flag, route) for route in routes] and not decides(flag, routes)
    ]


def forbidding(flags: Sequence[Flag], routes: Sequence[Route] = ROUTES) -> list[Flag]:
    """Return the flags that contraindicate any of these routes, project defaults last."""
    return [flag for flag in heaviest_first(flags, routes) if any(contraindicated([flag], r) for r in routes)]


def heaviest(flags: Sequence[Flag], route: Route) -> tuple[str, list[Flag]]:
    """Return the name of the heaviest level on the route and the flags that give it.

    The name is "nothing" when no contraindication and no caution is on record.
    """
    forbidden = forbidding(flags, [route])
    if forbidden:
        held_only = all(held(flag, route) for flag in forbidden)
        return (_hold_word(forbidden, route) if held_only else "contraindication"), forbidden
    weighed = of_level(flags, route, Level.CAUTION)
    return ("caution" if weighed else "nothing"), weighed


def _weight(flag: Flag, routes: Sequence[Route]) -> int:
    levels = [level for route in routes if (level := on_route(flag, route))]
    return max((_WEIGHT[level] for level in levels), default=0)
