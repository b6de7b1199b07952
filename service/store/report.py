"""What became of the cards, for those who answer for them: counts by period and by type of card."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, Subquery, and_, case, cast, exists, func, select

from service.store.database import Database
from service.store.feedback import ANSWERS, NEWEST_FIRST
from service.store.tables import card, decision, feedback

NO_REASON = "no reason"


class ReportPeriod(StrEnum):
    """What counts are taken together, in UTC."""

    DAY = "day"
    MONTH = "month"


_Query = Select[*tuple[Any, ...]]
_LENGTH = {ReportPeriod.DAY: len("2026-03-01"), ReportPeriod.MONTH: len("2026-03")}


@dataclass(frozen=True, kw_only=True, slots=True)
class CardCounts:
    """What became of the cards of one topic that were shown in one period.

    Of several items of feedback for a card the newest counts. `ignored` cards got none, which by the standard
    means nothing. `suppressed` ones were left out, after the same card had been overridden; `silent` ones
    were recorded without being shown.
    """

    period: str
    topic: str
    shown: int
    accepted: int
    overridden: int
    reasons: Mapping[str, int]
    ignored: int
    suppressed: int
    silent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CardRate:
    """How often the calls of one hook brought a card of one topic in one period.

    `cards` are those that were shown, and those that would have been but for silence; `overridden` are some
    of them.
    """

    period: str
    hook: str
    topic: str
    calls: int
    cards: int
    overridden: int

    @property
    def per_1000(self) -> float:
        """Cards per 1,000 calls."""
        return round(1000 * self.cards / self.calls, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The counts, how often cards come, and feedback in each period for cards that are not known."""

    cards: tuple[CardCounts, ...]
    rates: tuple[CardRate, ...]
    unknown: Mapping[str, int]


def feedback_report(
    database: Database,
    *,
    by: ReportPeriod = ReportPeriod.MONTH,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Report:
    """Return the report on cards shown, and feedback received, from `since` to before `until`.

    Raise StoreError.
    """
    with database.reading() as connection:
        counted = connection.execute(_cards(by, since, until)).all()
        calls = connection.execute(_calls(by, since, until)).all()
        rated = connection.execute(_rated(by, since, until)).all()
        unknown = connection.execute(_unknown(by, since, until)).all()
    return Report(cards=tuple(_counts(counted)), rates=tuple(_rates(calls, rated)), unknown=dict(unknown))


def _cards(by: ReportPeriod, since: datetime | None, until: datetime | None) -> _Query:
    ranked = _newest_feedback()
    last = and_(ranked.c.card_uuid == card.c.uuid, ranked.c.rank == 1)
    fate = (card.c.suppressed, card.c.silent, ranked.c.outcome, ranked.c.reason_code)
    what = (_period(card.c.at, by), card.c.topic, *fate)
    return (
        select(*what, func.count())
        .select_from(card.outerjoin(ranked, last))
        .where(*_between(card.c.at, since, until))
        .group_by(*what)
    )


def _newest_feedback() -> Subquery:
    rank = func.row_number().over(partition_by=feedback.c.card_uuid, order_by=NEWEST_FIRST)
    return (
        select(feedback.c.card_uuid, feedback.c.outcome, feedback.c.reason_code, rank.label("rank"))
        .join_from(feedback, card, ANSWERS)
        .subquery()
    )


def _calls(by: ReportPeriod, since: datetime | None, until: datetime | None) -> _Query:
    what = (_period(decision.c.at, by), decision.c.hook)
    return select(*what, func.count()).where(*_between(decision.c.at, since, until)).group_by(*what)


def _rated(by: ReportPeriod, since: datetime | None, until: datetime | None) -> _Query:
    ranked = _newest_feedback()
    last = and_(ranked.c.card_uuid == card.c.uuid, ranked.c.rank == 1)
    what = (_period(decision.c.at, by), decision.c.hook, card.c.topic)
    overridden = func.sum(case((ranked.c.outcome == "overridden", 1), else_=0))
    return (
        select(*what, func.count(), overridden)
        .select_from(decision.join(card, card.c.decision_id == decision.c.id).outerjoin(ranked, last))
        .where(~card.c.suppressed, *_between(decision.c.at, since, until))
        .group_by(*what)
    )


def _rates(
    calls: Iterable[Row[*tuple[Any, ...]]], rated: Iterable[Row[*tuple[Any, ...]]]
) -> Iterator[CardRate]:
    number = {(period, hook): count for period, hook, count in calls}
    for period, hook, topic, cards, overridden in sorted(rated):
        yield CardRate(
            period=period,
            hook=hook,
            topic=topic,
            calls=number[period, hook],
            cards=cards,
            overridden=overridden,
        )


def _unknown(by: ReportPeriod, since: datetime | None, until: datetime | None) -> _Query:
    period = _period(feedback.c.received_at, by)
    return (
        select(period, func.count())
        .where(~exists().where(ANSWERS), *_between(feedback.c.received_at, since, until))
        .group_by(period)
        .order_by(period)
    )


def _period(at: ColumnElement[Any], by: ReportPeriod) -> ColumnElement[str]:
    """Return the period of a time as its first characters, which SQLite and PostgreSQL write alike."""
    return func.substr(cast(at, String), 1, _LENGTH[by])


def _between(
    at: ColumnElement[Any], since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    if since is not None:
        yield at >= since
    if until is not None:
        yield at < until


def _counts(rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[CardCounts]:
    outcomes: dict[tuple[str, str], Counter[str]] = {}
    reasons: dict[tuple[str, str], Counter[str]] = {}
    for period, topic, suppressed, silent, outcome, reason, number in rows:
        key = period, topic
        fate = "suppressed" if suppressed else "silent" if silent else outcome or "ignored"
        outcomes.setdefault(key, Counter())[fate] += number
        if fate == "overridden":
            reasons.setdefault(key, Counter())[reason or NO_REASON] += number
    for key in sorted(outcomes):
        yield _one(key, outcomes[key], reasons.get(key, Counter()))


def _one(key: tuple[str, str], fates: Counter[str], reasons: Counter[str]) -> CardCounts:
    period, topic = key
    return CardCounts(
        period=period,
        topic=topic,
        shown=fates.total() - fates["suppressed"] - fates["silent"],
        accepted=fates["accepted"],
        overridden=fates["overridden"],
        reasons=dict(sorted(reasons.items())),
        ignored=fates["ignored"],
        suppressed=fates["suppressed"],
        silent=fates["silent"],
    )
