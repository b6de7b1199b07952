"""Draws the courses of antidepressants of one episode, and places them, the last one first."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from service.synth.drawing import draw, draw_index, within
from service.synth.history import DoseLevel, DoseStretch, DrawnCourse, MedicineTaken, StopCause
from service.synth.tables import Amount, DialectRow, DrugRow, LengthRow, OutcomeRow, Population

_SHORT = "short"
_BRIEF = (_SHORT, "borderline")
_RESPONDED = "responded"
_FILL = 30
_ROOM_AFTER_ADDING = 20  # days: the next score shows the state after it, not before


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A course before it has days of its own."""

    drug: DrugRow
    amount: Amount
    level: DoseLevel
    length: LengthRow
    days: int
    outcome: OutcomeRow
    irregular: bool
    first_days: int

    @property
    def is_plain(self) -> bool:
        """Tell whether dose, days and supply are all as they should be."""
        return self.level is DoseLevel.USUAL and self.length.id not in _BRIEF and not self.irregular


def drugs_of(rows: Sequence[DrugRow], dialect: DialectRow) -> list[DrugRow]:
    """Return the drugs that a dialect has words for."""
    return [row for row in rows if row.german or dialect.id != "german"]


def sketches(chance: Random, rows: Population, dialect: DialectRow) -> list[Sketch]:
    """Return the courses of an episode up to the one that helped."""
    left = drugs_of(rows.antidepressant, dialect)
    made: list[Sketch] = []
    for place in range(draw_index(chance, rows.care.steps)):
        drug = draw(chance, left)
        left = [other for other in left if other is not drug]
        made.append(_sketch(chance, rows, dialect, drug, place))
        if made[-1].outcome.id == _RESPONDED:
            break
    return made


def _sketch(chance: Random, rows: Population, dialect: DialectRow, drug: DrugRow, place: int) -> Sketch:
    low = rows.low
    level = (DoseLevel.USUAL, DoseLevel.POSSIBLE, DoseLevel.TOO_LOW)[
        draw_index(chance, (1 - low.possible - low.too_low, low.possible, low.too_low))
    ]
    amounts: Sequence[Amount] = getattr(drug, level)
    if not amounts:
        level, amounts = DoseLevel.USUAL, drug.usual
    long = rows.length[0]
    length = draw(chance, rows.length) if level is DoseLevel.USUAL else long
    irregular = dialect.fills and length is long and chance.random() < low.irregular
    days = _FILL * within(chance, low.irregular_fills) if irregular else within(chance, length.days)
    plain = level is DoseLevel.USUAL and not irregular and length.id not in _BRIEF
    begins_low = plain and length is long and bool(drug.first) and chance.random() < rows.care.begin_low
    return Sketch(
        drug=drug,
        amount=amounts[int(chance.random() * len(amounts))],
        level=level,
        length=length,
        days=days,
        outcome=_outcome(chance, rows.outcome, place) if plain else rows.outcome[-1],
        irregular=irregular,
        first_days=within(chance, rows.care.first_days) if begins_low else 0,
    )


def _outcome(chance: Random, rows: Sequence[OutcomeRow], place: int) -> OutcomeRow:
    shares = [row.share[min(place, len(row.share) - 1)] for row in rows]
    return rows[draw_index(chance, shares)]


def courses(chance: Random, rows: Population, dialect: DialectRow) -> list[DrawnCourse]:
    """Return the courses of the present episode in order."""
    made: list[DrawnCourse] = []
    drawn = sketches(chance, rows, dialect)
    care = rows.care
    running = chance.random() < care.running
    ends = -1 if running else -within(chance, care.ended_days)
    for place in range(len(drawn) - 1, -1, -1):
        last = place == len(drawn) - 1
        course = _course(chance, rows, dialect, drawn[place], ends, running=running and last)
        if course.use.start < -care.look_back_days:
            break
        made.insert(0, course)
        ends = course.use.start - 1 - within(chance, care.switch_days)
    return made


def _course(
    chance: Random, rows: Population, dialect: DialectRow, sketch: Sketch, ends: int, *, running: bool
) -> DrawnCourse:
    late = rows.low.irregular_days if sketch.irregular else rows.care.late_days
    fills = _fills(chance, rows, sketch, late if dialect.fills else (0, 0))
    span = fills[-1][0] + fills[-1][1]
    begins = ends + 1 - span
    if running:
        fills = [*fills[:-1], (fills[-1][0], max(fills[-1][1], _FILL))]
    first = begins - sketch.first_days
    steps = [((first, sketch.first_days),)] if sketch.first_days else []
    placed = [tuple((begins + day, days) for day, days in fills)]
    amounts = [sketch.drug.first, sketch.amount] if steps else [sketch.amount]
    stretches = tuple(
        DoseStretch(amount[0], amount[1], part)
        for amount, part in zip(amounts, [*steps, *placed], strict=True)
    )
    low, high = sketch.outcome.improvement
    stop = None if running else _stop(chance, rows, sketch)
    words: Sequence[str] = getattr(rows.stop_words, stop) if stop else ("",)
    use = MedicineTaken(sketch.drug, stretches, running, words[int(chance.random() * len(words))])
    return DrawnCourse(
        use=use,
        level=sketch.level,
        days=sketch.days,
        irregular=sketch.irregular,
        improvement=low + chance.random() * (high - low),
        stop=stop,
        added=_added(chance, rows, dialect, sketch, use),
    )


def _fills(chance: Random, rows: Population, sketch: Sketch, late: Sequence[float]) -> list[tuple[int, int]]:
    sizes = rows.care.fill_days
    size = _FILL if sketch.irregular else sizes[int(chance.random() * len(sizes))]
    made: list[tuple[int, int]] = []
    day, left = 0, sketch.days
    while left > 0:
        days = min(size, left)
        made.append((day, days))
        day += days + within(chance, late)
        left -= days
    return made


def _stop(chance: Random, rows: Population, sketch: Sketch) -> StopCause | None:
    """Return why a course ended, where its order says so and that is no riddle."""
    told = chance.random()
    if sketch.length.id == _SHORT:
        return StopCause.ADVERSE if told < rows.charting.adverse_reason else None
    if sketch.outcome.id == _RESPONDED:
        return None
    if told < rows.charting.stop_reason:
        return StopCause.NO_EFFECT
    return StopCause.COST if told < rows.charting.stop_reason + rows.charting.cost else None


def _added(
    chance: Random, rows: Population, dialect: DialectRow, sketch: Sketch, use: MedicineTaken
) -> MedicineTaken | None:
    augmenting = rows.augmenting
    room = augmenting.after_days[1] + _ROOM_AFTER_ADDING
    if not (sketch.is_plain and sketch.days >= room and sketch.outcome.id != _RESPONDED):
        return None
    if chance.random() >= augmenting.share:
        return None
    drug = draw(chance, drugs_of(rows.augmentation, dialect))
    begins = use.stretches[-1].start + within(chance, augmenting.after_days)
    mg, units = drug.usual[0]
    days = range(begins, use.end + 1, _FILL)
    fills = tuple((day, min(_FILL, use.end + 1 - day)) for day in days if day < 0)
    return MedicineTaken(drug, (DoseStretch(mg, units, fills),), use.running)


def earlier_course(
    chance: Random, rows: Population, dialect: DialectRow, onset: int, taken: set[str]
) -> DrawnCourse:
    """Return a course that was over long before the episode began."""
    free = [drug for drug in drugs_of(rows.antidepressant, dialect) if drug.ingredient not in taken]
    drug = draw(chance, free)
    mg, units = drug.usual[0]
    ends = onset - within(chance, rows.care.earlier_days)
    days = rows.length[0].days[0]
    use = MedicineTaken(drug, (DoseStretch(mg, units, ((int(ends + 1 - days), int(days)),)),), running=False)
    return DrawnCourse(use=use, level=DoseLevel.USUAL, days=int(days), earlier=True)
