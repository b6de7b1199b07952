"""Sentences of dosage: "take 1 tablet (50 mg) by mouth daily", "20 mg q AM", "1 mane and 2 nocte".

A sentence is read whole or not at all: every word of it is known (`sig_words`), and together they say one
thing. What says more than this grammar knows is not guessed at: it has no dose.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from mappings.dosage import DosageTable
from mappings.dosage_text import LONGEST_TEXT
from mappings.remembering import remembered
from service.normalise.sig_amounts import SCHEDULE, Piece, SigStep, pieces
from service.normalise.sig_schedule import is_daily_total, part_of, with_daily_total
from service.normalise.sig_words import UNKNOWN, SigItem, items

_CLOCK_TIME = re.compile(r"(?:[01]\d|2[0-3]):?[0-5]\d")
_CLOCK = re.compile(rf"{_CLOCK_TIME.pattern}(?:[ ,&]+{_CLOCK_TIME.pattern})*")
_TELLING = SCHEDULE | {"number", "lasting", "then", "change-to", "after", "taper"}

Step = tuple[SigStep, ...]


class Sig(Struct, frozen=True, kw_only=True, gc=False):
    """The reading of a text: its steps in order, whether all is as needed, the last day stated.

    `unclear`: it says how much or how often, and not in a way that is understood. `stops`: it says that the
    medicine is stopped when its steps are over.
    """

    steps: tuple[Step, ...] = ()
    as_needed: bool = False
    stops: bool = False
    until: str = ""
    unclear: bool = False


def understood(text: str, table: DosageTable, names: frozenset[str] = frozenset()) -> Sig:
    """Return the reading of a dosage text, which has no steps unless all of it is understood.

    >>> from mappings.dosage import load_dosage
    >>> sig = understood("1 tablet daily as needed", load_dosage())
    >>> sig.as_needed, len(sig.steps), understood("1 tablet now and then", load_dosage()).steps
    (True, 1, ())
    """
    return _read(text, table, names)


@remembered
def _read(text: str, table: DosageTable, names: frozenset[str]) -> Sig:
    parsed = items(text, names, table) if text else ()
    steps = () if any(item.kind == UNKNOWN for item in parsed) else _steps(parsed, table)
    parts = [part for step in steps for part in step]
    needed = all(part.as_needed for part in parts) if parts else _is_all_as_needed(parsed)
    unclear = not steps and (any(i.kind in _TELLING for i in parsed) or len(text) > LONGEST_TEXT)
    stops = bool(steps) and any(item.kind == "stop" for item in parsed)
    return Sig(steps=steps, as_needed=needed, stops=stops, until=_until(parsed), unclear=unclear)


def parse_sig(text: str, table: DosageTable, names: frozenset[str] = frozenset()) -> tuple[Step, ...]:
    """Return the steps that a dosage text describes, in their order; empty if it is not understood.

    A step has several parts when different amounts are taken at different times of one day.

    >>> from mappings.dosage import load_dosage
    >>> ((part,),) = parse_sig("take two 10 mg capsules in the morning and evening", load_dosage())
    >>> part.amount, part.again, part.per_day
    (2.0, 10.0, 2.0)
    """
    return understood(text, table, names).steps


def as_needed(text: str, table: DosageTable, names: frozenset[str] = frozenset()) -> bool:
    """Tell whether everything that a text prescribes is taken as needed.

    >>> from mappings.dosage import load_dosage
    >>> as_needed("1 tablet at bedtime as needed for sleep", load_dosage())
    True
    """
    return understood(text, table, names).as_needed


def until(text: str, table: DosageTable) -> str:
    """Return the last day that a text states in words as a FHIR date, or "".

    >>> from mappings.dosage import load_dosage
    >>> until("1 tablet daily, until Wed 5/27/2020", load_dosage())
    '2020-05-27'
    """
    return understood(text, table).until


def frequency(text: str, table: DosageTable) -> float | None:
    """Return the times a day of a schedule in words; None if it says more than that.

    >>> from mappings.dosage import load_dosage
    >>> frequency("0900 2100", load_dosage()), frequency("qAM", load_dosage())
    (2.0, 1.0)
    """
    if len(text) > LONGEST_TEXT:
        return None
    if _CLOCK.fullmatch(text.strip()):
        return float(len(_CLOCK_TIME.findall(text)))
    steps = parse_sig(text, table)
    only = steps[0][0] if len(steps) == 1 and len(steps[0]) == 1 else SigStep()
    silent = only.amount is None and only.days is None and not only.as_needed
    return only.per_day if silent else None


def _is_all_as_needed(parsed: Sequence[SigItem]) -> bool:
    """Tell whether a text without a dose has at most one amount, as needed."""
    amounts = sum(item.kind == "unit" for item in parsed)
    return amounts <= 1 and any(item.kind == "as-needed" for item in parsed)


def _until(parsed: Sequence[SigItem]) -> str:
    """Return the date that ends the last step, and so the whole text."""
    for item in reversed(parsed):
        if item.kind in ("then", "change-to", "after", "number", UNKNOWN):
            return ""
        if item.kind == "until":
            return item.names[0]
    return ""


def _steps(parsed: Sequence[SigItem], table: DosageTable) -> tuple[Step, ...]:
    chunks = _chunks(pieces(parsed, table))
    if chunks is None:
        return ()
    steps: list[Step] = []
    for chunk, after in chunks:
        if after is not None and not (steps and _ends_after(steps, after)):
            return ()
        read = _chunk(chunk)
        if not read:
            return ()
        steps += _inherited(steps, read)
    return tuple(steps) if _whole(steps, parsed) else ()


def _chunks(parsed: Sequence[Piece] | None) -> list[tuple[list[Piece], int | None]] | None:
    """Return the stretches between words like "then", each with the days after which it begins."""
    if parsed is None:
        return None
    chunks: list[tuple[list[Piece], int | None]] = [([], None)]
    for piece in parsed:
        if piece.kind in ("then", "change-to", "after"):
            if piece.kind == "change-to" and not any(p.kind == "amount" for c, _ in chunks for p in c):
                return None
            days = (
                int(piece.low)
                if piece.kind == "after"
                else chunks[-1][1]
                if not _says(chunks[-1][0])
                else None
            )
            if _says(chunks[-1][0]):
                chunks.append(([], days))
            else:
                chunks[-1] = (chunks[-1][0], days)
        else:
            chunks[-1][0].append(piece)
    if sum(days is not None for _, days in chunks) > 1:
        return None  # "after 1 week ..., after 2 weeks ...": after the start, or after the last step
    return [chunk for chunk in chunks if _says(chunk[0])]


def _says(chunk: Sequence[Piece]) -> bool:
    return any(piece.kind not in ("connector", "stop", "taper", "until") for piece in chunk)


def _ends_after(steps: list[Step], days: int) -> bool:
    """Set the length of the last step; return False when it has a different one."""
    if any(part.days not in (None, days) for part in steps[-1]):
        return False
    steps[-1] = tuple(replace(part, days=days) for part in steps[-1])
    return True


def _inherited(steps: Sequence[Step], read: Sequence[Step]) -> list[Step]:
    """Return the steps, a first one without an amount taking that of the step before ("then twice daily")."""
    first = read[0]
    if steps and len(first) == len(steps[-1]) == 1 and first[0].amount is None:
        before = steps[-1][0]
        inherited = replace(before, per_day=first[0].per_day, times=first[0].times, days=first[0].days)
        return [(inherited,), *read[1:]]
    return list(read)


def _whole(steps: Sequence[Step], parsed: Sequence[SigItem]) -> bool:
    """Tell whether the steps are complete.

    Of several parts each must say how much and how often, a taper how long.
    """
    parts = [part for step in steps for part in step]
    if len(parts) > 1 and any(part.amount is None or part.per_day is None for part in parts):
        return False
    if len(steps) > 1 and any(part.as_needed for part in parts):
        return False
    kinds = {item.kind for item in parsed}
    lasting = [step[0].days is not None for step in steps]
    if "stop" in kinds and not all(lasting):
        return False
    return "taper" not in kinds or (len(steps) > 1 and all(lasting[:-1]))


def _chunk(chunk: Sequence[Piece]) -> list[Step]:
    """Return the steps of one stretch: one with its parts, or several with their lengths."""
    groups = _by_amount(chunk)
    read = [part_of(group) for group in groups]
    parts = [part for part in read if part is not None]
    if len(parts) < len(read):
        return []
    if len(parts) == 2 and is_daily_total(groups[1]):
        whole = with_daily_total(parts[0], parts[1])
        return [(whole,)] if whole is not None else []
    scheduled = [part for part in parts if not part.as_needed]
    if len(scheduled) > 1 and any(part.per_day is None for part in scheduled):
        return []
    parts = list(dict.fromkeys(scheduled or parts))
    if len(parts) == 1:
        return [(parts[0],)]
    times = [time for part in parts for time in part.times]
    lengths = {part.days for part in parts} - {None}
    if all(part.times for part in parts) and len(times) == len(set(times)) and len(lengths) <= 1:
        days = lengths.pop() if lengths else None
        return [tuple(replace(part, days=days) for part in parts)]
    return [(part,) for part in parts] if all(part.days for part in parts[:-1]) else []


def _before_optional(chunk: Sequence[Piece], place: int) -> int:
    """Return the place before the words that make an amount optional ("may take an extra")."""
    while chunk[place - 1].kind == "optional":
        place -= 1
    return place


def _by_amount(chunk: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces of each amount: those after it, or before it where the times come first."""
    places = [place for place, piece in enumerate(chunk) if piece.kind == "amount"]
    if len(places) < 2:
        return [list(chunk)]
    first = any(piece.schedules for piece in chunk[: places[0]])
    last = any(piece.schedules for piece in chunk[places[-1] :])
    cuts = [place + 1 for place in places[:-1]] if first and not last else places[1:]
    cuts = [_before_optional(chunk, cut) for cut in cuts]
    return [list(chunk[start:end]) for start, end in pairwise([0, *cuts, len(chunk)])]
