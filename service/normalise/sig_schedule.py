"""How often a day one amount of a dosage text is taken; all statements must agree."""

from collections.abc import Sequence

from msgspec.structs import replace

from service.normalise.sig_amounts import Piece, SigStep

_DAYS_OF_A_WEEK = 7
_MEALS_OF_A_DAY = 3
_EXACT = 1e-6


def part_of(pieces: Sequence[Piece]) -> SigStep | None:
    """Return the single amount with its schedule; None for several amounts or a disagreement.

    >>> two = Piece(kind="amount", step=SigStep(amount=2.0, unit="tablets"))
    >>> part_of([two, Piece(kind="frequency", low=2.0)]).per_day, part_of([two, two])
    (2.0, None)
    """
    kinds = {piece.kind for piece in pieces}
    amounts = [piece for piece in pieces if piece.kind == "amount"]
    if len(amounts) > 1 or ("optional" in kinds and "as-needed" not in kinds) or _is_uncertain(pieces):
        return None
    amount = amounts[0].step if amounts else SigStep()
    agreed, per_day = _per_day(pieces)
    if not agreed or (amount.amount is None and per_day is None) or not _within_most(amount, per_day, pieces):
        return None
    if "directed" in kinds and (amount.amount is None or per_day is None):
        return None
    lengths = {int(piece.low) for piece in pieces if piece.kind == "lasting"}
    if len(lengths) > 1:
        return None
    return replace(
        amount,
        per_day=per_day,
        days=lengths.pop() if lengths else None,
        times=frozenset(name for piece in pieces if piece.kind in ("time", "clock") for name in piece.names),
        as_needed="as-needed" in kinds,
    )


def is_daily_total(pieces: Sequence[Piece]) -> bool:
    """Tell whether a second amount only restates the first per day: "(100 mg/day)".

    >>> is_daily_total([Piece(kind="amount"), Piece(kind="rate")]), is_daily_total([Piece(kind="amount")])
    (True, False)
    """
    kinds = {piece.kind for piece in pieces}
    return bool(kinds & {"rate", "total"}) and kinds <= {"amount", "rate", "total", "connector"}


def with_daily_total(part: SigStep, total: SigStep) -> SigStep | None:
    """Return the amount with its stated mg a day; None where they do not agree.

    >>> twice = SigStep(amount=1.0, unit="tablet", per_day=2.0)
    >>> with_daily_total(twice, SigStep(amount=100.0, unit="mg")).again
    50.0
    """
    if part.amount is None or not part.per_day or total.amount is None or part.unit == "":
        return None
    at_once = total.amount / part.per_day
    if total.unit == part.unit:
        return part if abs(part.amount - at_once) < _EXACT else None
    if part.again is not None:
        stated = part.again * (part.amount if part.again_is == "each" else 1.0)
        return part if total.unit == part.again_unit and abs(stated - at_once) < _EXACT else None
    return replace(part, again=at_once, again_unit=total.unit, again_is="total")


def _is_uncertain(pieces: Sequence[Piece]) -> bool:
    """Tell whether two times stand side by side without "and", or a slash not between weekdays."""
    before = Piece(kind="")
    for place, piece in enumerate(pieces):
        if (
            piece.kind in ("time", "clock")
            and before.kind in ("time", "clock")
            and piece.names != before.names
        ):
            return True
        if piece.kind == "slash":
            after = pieces[place + 1].kind if place + 1 < len(pieces) else ""
            if not before.kind == after == "weekday":
                return True
        before = piece
    return False


def _per_day(pieces: Sequence[Piece]) -> tuple[bool, float | None]:
    """Return whether all statements of frequency agree, and the times a day, if stated."""
    kinds = [piece.kind for piece in pieces]
    often = {round(piece.low, 6) for piece in pieces if piece.kind == "frequency"}
    times = {name for piece in pieces if piece.kind == "time" for name in piece.names}
    clocks = {name for piece in pieces if piece.kind == "clock" for name in piece.names}
    weekdays = {name for piece in pieces if piece.kind == "weekday" for name in piece.names}
    if len(often) > 1 or (times and clocks):
        return False, None
    at = len(times | clocks)
    if "rate" in kinds or "divided" in kinds:
        return _of_whole_day(kinds, often, at, bool(weekdays))
    if often:
        return _often(
            next(piece.low for piece in pieces if piece.kind == "frequency"), kinds, at, len(weekdays)
        )
    if "meals" in kinds:
        return False, None  # with meals and how often besides: nothing says so
    if weekdays:
        return True, max(at, 1) * len(weekdays) / _DAYS_OF_A_WEEK
    return True, float(at) if at else 1.0 if "daily" in kinds else None


def _of_whole_day(
    kinds: Sequence[str], often: set[float], at: int, weekdays: bool
) -> tuple[bool, float | None]:
    """Tell whether the amount is that of the whole day, however it is divided."""
    split = "frequency" in kinds and "divided" in kinds and kinds.index("divided") < kinds.index("frequency")
    once = not often - {1.0} or split
    return once and not weekdays and (at <= 1 or "divided" in kinds), 1.0


def _often(per_day: float, kinds: Sequence[str], at: int, weekdays: int) -> tuple[bool, float | None]:
    """Return the times a day of a frequency in words, beside times, weekdays, meals and "daily"."""
    if per_day < 1:
        on_days = round(per_day * _DAYS_OF_A_WEEK, 3)
        return "daily" not in kinds and at <= 1 and weekdays in (0, on_days), per_day
    if at and at + (_MEALS_OF_A_DAY if "meals" in kinds else 0) != per_day:
        return False, None
    return True, per_day * weekdays / _DAYS_OF_A_WEEK if weekdays else per_day


def _within_most(amount: SigStep, per_day: float | None, pieces: Sequence[Piece]) -> bool:
    """Tell whether a stated maximum agrees with the amount and frequency."""
    mosts = [piece.step for piece in pieces if piece.kind == "most"]
    if not mosts:
        return True
    if amount.amount is None or per_day is None or any(most.amount is None for most in mosts):
        return any(piece.kind == "as-needed" for piece in pieces)
    alike = [most.amount or 0.0 for most in mosts if most.unit[:3] in (amount.unit[:3], "")]
    return all(most >= amount.amount * per_day - 1e-9 for most in alike)
