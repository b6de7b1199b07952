"""What is noted of every HTTP call: one line in the log, and figures.

The parts of the service note what they learn while a call is answered; the line is written at its end.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, request

from cds_hooks.cards import Card
from cds_hooks.feedback import Feedback
from cds_hooks.service import Answered, CallOutcome
from cds_hooks.token_advice import advice
from cds_hooks.trust import CdsClient, Trust, UnauthorizedError
from service.operations.logs import log_call
from service.operations.metrics import (
    CALL_SECONDS,
    CALLS,
    CALLS_STOPPED,
    CARDS,
    CARDS_BY_SERVICE,
    FEEDBACK,
    FETCHES,
    REQUESTS,
    SUPPRESSED,
    TOKENS_REFUSED,
)
from service.operations.tracing import trace_id

FETCHED = "fetched"
FAILED = "failed:"
_WORD = re.compile(r"[a-z0-9:-]{1,40}")


def observe(app: Flask, services: Collection[str]) -> None:
    """Count and log every request of `app`, which offers `services`."""

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()
        g.told = {}

    @app.after_request
    def end(response: Response) -> Response:
        seconds = perf_counter() - g.began
        route = (request.endpoint or "unknown").rpartition(".")[2]
        REQUESTS.labels(route=route, status=response.status_code).inc()
        called = (request.view_args or {}).get("service_id")
        if called in services:
            g.told["service"] = called
        if route == "call":
            _count_call(g.told, response.status_code, seconds)
        told = {
            "request_id": g.get("request_id"),
            "trace_id": trace_id(),
            "status": response.status_code,
            **g.told,
        }
        log_call(route, {**told, "ms": round(seconds * 1000, 1)})
        return response


def note_caller(caller: CdsClient) -> None:
    """Note who calls: an issuer that is on the operator's list."""
    g.told["issuer"] = caller.issuer


def noting(trust: Trust) -> Trust:
    """Return `trust`, noting why it refuses a token and what to change; the answer says neither."""

    def noted(authorization: str | None, path: str) -> CdsClient:
        try:
            caller = trust(authorization, path)
        except UnauthorizedError as refusal:
            TOKENS_REFUSED.labels(reason=refusal.reason.value).inc()
            g.told.update(reason=refusal.reason.value, claimed=refusal.claimed, change=advice(refusal))
            raise
        note_caller(caller)
        return caller

    return noted


def note_answer(
    answered: Answered, completeness: Mapping[str, str], left_out: Mapping[str, Sequence[Card]]
) -> None:
    """Note an answer: its cards, the fetched keys, and the cards `left_out`, by reason."""
    topics = [_topic(card) for card in answered.cards]
    for card, topic in zip(answered.cards, topics, strict=True):
        CARDS.labels(topic=topic, indicator=card.indicator).inc()
    for topic in map(_topic, left_out.get("suppressed", ())):
        SUPPRESSED.labels(topic=topic).inc()
    for fate, cards in {"shown": answered.cards, **left_out}.items():
        for card in cards:
            CARDS_BY_SERVICE.labels(service=answered.service.id, topic=_topic(card), fate=fate).inc()
    results = {key: word for key, word in completeness.items() if word.startswith((FETCHED, FAILED))}
    for key, word in results.items():
        FETCHES.labels(key=key, result=word if _WORD.fullmatch(word) else FAILED + "other").inc()
    failed = sum(word.startswith(FAILED) for word in results.values())
    g.told.update(outcome=answered.outcome.value, cards=topics, fetched=len(results) - failed, failed=failed)


def _topic(card: Card) -> str:
    return card.source.topic.code if card.source.topic else ""


def note_refusal(reason: str) -> None:
    """Note why a page could not be shown: a word of a closed list."""
    g.told["reason"] = reason


def note_stopped(reason: str) -> None:
    """Note that a call was given up: a word of a closed list."""
    CALLS_STOPPED.labels(reason=reason).inc()
    note_refusal(reason)


def note_feedback(items: Iterable[Feedback]) -> None:
    """Note feedback that was kept."""
    for item in items:
        FEEDBACK.labels(outcome=item.outcome).inc()


def _count_call(told: Mapping[str, Any], status: int, seconds: float) -> None:
    service = told.get("service", "unknown")
    outcome = told.get("outcome", CallOutcome.REFUSED.value if status < 500 else CallOutcome.FAILED.value)
    CALLS.labels(service=service, outcome=outcome, status=status).inc()
    CALL_SECONDS.labels(service=service).observe(seconds)
