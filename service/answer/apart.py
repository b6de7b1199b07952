"""Calls with a large body, answered like any other, but in a separate process."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from cds_hooks.errors import CallerError
from cds_hooks.request import HookRequest
from cds_hooks.service import Reply
from cds_hooks.trust import CdsClient
from service.answer.services import CallContext, answer
from service.records.digests import input_digest
from service.records.record import CallTrace

Ask = Callable[[Any], Any]
Apart = Callable[[Callable[[Ask], Reply], Ask], Reply]
"""Does work in a process of its own, and answers what it asks."""


def answer_apart(
    request: HookRequest,
    caller: CdsClient,
    context: CallContext,
    inside: Callable[[], CallContext],
    apart: Apart,
) -> Reply:
    """Return the cards that answer a call, as `answer` does; `inside` is the context of the other process.

    Which cards were overridden is asked of this process, which has the database. What came with the call
    stays there; its digest is made there.
    """

    def work(ask: Ask) -> Reply:
        own = replace(inside(), overridden=ask)
        try:
            reply = answer(request, caller, own)
        except CallerError as refusal:
            refusal.trace = _light(refusal.trace, request, context.hash_key)
            raise
        return replace(reply, trace=_light(reply.trace, request, context.hash_key))

    def overridden(keys: Any) -> Collection[str]:
        return list(context.overridden(keys))

    return apart(work, overridden)


def _light(trace: object, request: HookRequest, key: bytes) -> object:
    if not isinstance(trace, CallTrace):
        return trace
    return replace(trace, sent={}, input_digest=input_digest(key, request, trace.sent))
