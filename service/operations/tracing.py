"""The trace that a call belongs to, as its caller says in `traceparent` (W3C Trace Context)."""

import re

from flask import g, has_request_context, request

HEADER = "traceparent"
_IDS = r"(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
_WRITTEN = re.compile(rf"(?:00-{_IDS})|(?!00|ff)[0-9a-f]{{2}}-{_IDS.replace('trace', 'later')}(?:-[!-~]*)?")
"""As in version 00, or in a later one, whose first four parts are the same."""
_LONGEST = 512


def note_trace() -> None:
    """Note the trace of the current request; ignore a header that does not follow the standard."""
    written = request.headers.get(HEADER, "").strip()
    found = _WRITTEN.fullmatch(written) if len(written) <= _LONGEST else None
    g.traceparent = written if found else None
    g.trace_id = (found["trace"] or found["later"]) if found else None


def trace_id() -> str | None:
    """Return the id of the trace, for the log."""
    return g.get("trace_id") if has_request_context() else None


def traceparent() -> str | None:
    """Return the header to pass on, unchanged, to the servers that are read for this call."""
    return g.get("traceparent") if has_request_context() else None
