"""The picture beside the table of criteria: which course counts for which policy.

A row for each policy, a column for each course. A course is filled, hatched or empty as in the timeline; what
the policy asks for stands at the left, with how far the record shows it, in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mappings.knowledge import Knowledge
from mappings.policies import PolicyTable
from service.clinical.assessment import Trial, TrialStatus
from service.clinical.criteria import ReadCriterion, ReadPolicy
from service.picture.columns import MARGIN, room, small
from service.picture.lane_layout import LOOKS
from service.picture.paragraphs import fitted
from service.picture.sheet import LINE, SIZE, SMALL, SMALL_LINE, Box, Colour, Hover, Sheet, Stroke, TextLine

_NAMES, _WORDS = 190.0, 88.0  # widths of what stands at the left of the courses
_COLUMN, _CELL, _TALL = 66.0, 26.0, 12.0  # of a course at least; the box in it
_ROW = 38.0

_Course = tuple[str, date | None, date | None]
"""By what a course is the same for several policies: drug, start and end."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """What the picture shows: `courses` as columns from `left` on, each `column` wide."""

    policies: Sequence[ReadPolicy]
    courses: Sequence[_Course]
    column: float
    knowledge: Knowledge

    @property
    def table(self) -> PolicyTable:
        """The words about policies."""
        return self.knowledge.policies

    def place(self, number: int) -> float:
        """Return where a column begins."""
        return MARGIN + _NAMES + _WORDS + number * self.column


def policies_sheet(found: Sequence[ReadPolicy], knowledge: Knowledge, width: float) -> Sheet:
    """Return the shapes of the picture about policies that were read."""
    table = knowledge.policies
    known = _courses(found)
    space = width - 2 * MARGIN - _NAMES - _WORDS
    most = int(space // _COLUMN)
    courses = known[-most:]
    grid = _Grid(found, courses, min(space / max(len(courses), 1), 2 * _COLUMN), knowledge)
    sheet = Sheet(width=width, name="policies", title=table.texts["picture.title"])
    sheet.description = table.say(
        "picture.description", policies=len(found), courses=len(known), told=_told(found, table)
    )
    y = _head(sheet, grid, hidden=len(known) - len(courses))
    for number, policy in enumerate(found, 1):
        y = _row(sheet, grid, policy, number, y)
    y = _key(sheet, grid, y)
    sheet.height = round(y + MARGIN / 2)
    frame = Box(x=0.5, y=0.5, width=width - 1, height=sheet.height - 1, fill=Colour.PAPER, edge=Colour.FAINT)
    sheet.shapes.insert(0, frame)
    return sheet


def _courses(found: Sequence[ReadPolicy]) -> list[_Course]:
    """Return each course that a policy knows, in the order in which they began."""
    known = {_course(trial) for policy in found for trial in policy.trials}
    return sorted(known, key=lambda one: (one[1] or date.min, one[0], one[2] or date.max))


def _course(trial: Trial) -> _Course:
    return trial.ingredient, trial.start, trial.end


def _of_trials(policy: ReadPolicy) -> ReadCriterion | None:
    """Return the criterion about trials, if the policy has one."""
    asked = {row.id for row in policy.policy.criterion if row.trials}
    return next((one for one in policy.criteria if one.id in asked), None)


def _told(found: Sequence[ReadPolicy], table: PolicyTable) -> str:
    return "; ".join(f"{policy.policy.id}: {_word(policy, table)}" for policy in found)


def _word(policy: ReadPolicy, table: PolicyTable) -> str:
    criterion = _of_trials(policy)
    if criterion is None:
        return table.texts["page.not-asked"]
    return table.texts[f"status.{criterion.shown.standing.value}"]


def _needs(policy: ReadPolicy, table: PolicyTable) -> str:
    """Return what the policy asks for, in figures."""
    rule = next((row.trials for row in policy.policy.criterion if row.trials), None)
    if rule is None:
        return table.texts["picture.none"]
    asked = policy.definition
    if rule.number_open:
        return table.say("picture.open", days=asked.duration.qualifying_days)
    return table.say(
        "picture.needs",
        trials=asked.count.trials_needed,
        classes=asked.count.classes_needed,
        days=asked.duration.qualifying_days,
    )


def _head(sheet: Sheet, grid: _Grid, hidden: int) -> float:
    """Draw the title and the heads of the columns; return where the rows begin."""
    sheet.draw(TextLine(x=MARGIN, y=MARGIN + SIZE, text=sheet.title, bold=True))
    y = MARGIN + LINE + SMALL_LINE
    for number, (drug, start, _) in enumerate(grid.courses):
        x = grid.place(number)
        name = fitted(drug, grid.column - 6, SMALL, bold=True)
        since = f"{start:%Y-%m}" if start else grid.table.texts["picture.undated"]
        sheet.draw(
            TextLine(x=x, y=y + SMALL, text=name, size=SMALL, bold=True),
            TextLine(x=x, y=y + SMALL + SMALL_LINE, text=since, size=SMALL, colour=Colour.SOFT),
        )
    if hidden:
        earlier = grid.table.say("picture.earlier", count=hidden)
        small(sheet, earlier, MARGIN, y, _NAMES + _WORDS - 10, 2, Colour.SOFT)
    return y + 2 * SMALL_LINE + 8


def _row(sheet: Sheet, grid: _Grid, policy: ReadPolicy, number: int, y: float) -> float:
    name = fitted(policy.policy.id, _NAMES - 10, SMALL, bold=True)
    needs = fitted(_needs(policy, grid.table), _NAMES - 10, SMALL)
    sheet.draw(
        Stroke(points=((MARGIN, y), (sheet.width - MARGIN, y)), colour=Colour.FAINT, width=0.7),
        TextLine(x=MARGIN, y=y + 16, text=name, size=SMALL, bold=True),
        TextLine(x=MARGIN, y=y + 16 + SMALL_LINE, text=needs, size=SMALL, colour=Colour.SOFT),
        TextLine(x=MARGIN + _NAMES, y=y + 22, text=_word(policy, grid.table), size=SMALL, bold=True),
    )
    counted = {_course(trial): trial for trial in policy.trials}
    for place, course in enumerate(grid.courses, 1):
        x = grid.place(place - 1)
        if trial := counted.get(course):
            _cell(sheet, grid, trial, policy, x, y + 12, f"{number}-{place}")
        else:
            sheet.draw(TextLine(x=x, y=y + 22, text="–", size=SMALL, colour=Colour.SOFT))
    return y + _ROW


def _cell(
    sheet: Sheet, grid: _Grid, trial: Trial, policy: ReadPolicy, x: float, y: float, place: str
) -> None:
    fill, edge, hatched = LOOKS[trial.status]
    words = grid.knowledge.wording.words
    reasons = "; ".join(words["shortfall"][shortfall] for shortfall in trial.shortfalls)
    said = grid.table.say(
        "picture.hover",
        policy=policy.policy.id,
        drug=trial.ingredient,
        status=words["status"][trial.status],
        reasons=f" ({reasons})" if reasons else "",
    )
    name = f"policy-{place}-{trial.status}"
    sheet.draw(
        Box(x=x, y=y, width=_CELL, height=_TALL, fill=fill, edge=edge, hatched=hatched, name=name),
        Hover(x=x, y=y - 6, width=grid.column, height=_TALL + 12, text=said, name=f"policy-{place}"),
    )


def _key(sheet: Sheet, grid: _Grid, y: float) -> float:
    """Draw how to read the boxes; return where it ends."""
    x, base = MARGIN, y + 20
    statuses: Sequence[TrialStatus] = tuple(LOOKS)
    for status in statuses:
        fill, edge, hatched = LOOKS[status]
        text = grid.knowledge.wording.words["status"][status]
        sheet.draw(
            Box(x=x, y=base - 10, width=_CELL, height=_TALL, fill=fill, edge=edge, hatched=hatched),
            TextLine(x=x + _CELL + 5, y=base, text=text, size=SMALL, colour=Colour.SOFT),
        )
        x += _CELL + 5 + room(text) + 16
    return base + 4
