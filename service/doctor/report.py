"""The findings about an EHR in plain words; nothing that a capture holds can steer a terminal."""

from collections import Counter
from collections.abc import Iterator, Mapping

from cds_hooks.jwt import LIFETIME_SECONDS
from service.doctor.entry import KEYS_TO_COME
from service.doctor.findings import CaptureFindings, lacking_scopes
from service.doctor.token import token_facts
from service.fhir.completeness import MEDICINES
from service.render.escape import plain

_LONGEST = 200
_FEW = 5

_WORDS = {
    "sent": "with entries",
    "empty": "asked, none there",
    "first-page": "first page only",
    "error": "an error in its place",
    "not-sent": "not sent",
}


def report(found: CaptureFindings, refused: Counter[str], lists: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the report.

    `refused` says what to change about tokens, `lists` names the resource types in words.
    """
    yield "Signs"
    yield from _indented(_signing(found, refused))
    yield "Calls"
    yield from _indented(_calling(found))
    if found.calls:
        yield "Sends"
        yield from _indented(_sending(found))
        yield "Pages"
        yield from _indented(_paging(found))
        yield "May be read"
        yield from _indented(_call_back(found))
        yield "Can never be known of this EHR, as far as these calls show"
        yield from _indented(_never(found, lists))


def _indented(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield f"  {plain(line, 400)}"


def _signing(found: CaptureFindings, refused: Counter[str]) -> Iterator[str]:
    seen = Counter(tuple(token_facts(token.header, _lasting(token.claims))) for token in found.tokens)
    for facts, times in seen.most_common(_FEW):
        yield f"{times} x " + ", ".join(f"{name} {value}" for name, value in facts)
    if found.bad_tokens:
        yield f"{found.bad_tokens} with an Authorization header that holds no JWT: such calls get 401"
    if found.unsigned:
        yield f"{found.unsigned} without a token: such calls get 401 unless KETAMINE_CDS_AUTH is open"
    if not found.tokens and not found.bad_tokens and not found.unsigned:
        yield "no headers were captured; capture them, or give a token by `doctor token FILE`"
    if any("jku" not in token.header for token in found.tokens):
        yield f"tokens name no address of keys: ask for the key set, and save it as {KEYS_TO_COME}"
    lives = [_lives(token.claims) for token in found.tokens]
    if (longest := max(lives, default=0)) > LIFETIME_SECONDS:
        yield f"its tokens live {longest:g} s, more than {LIFETIME_SECONDS}: the entry has tokenLifetime"
    if len({str(token.claims.get("iss")) for token in found.tokens}) > 1:
        yield "several issuers signed: what follows is about all, each entry about the calls of its own alone"
    for change, times in refused.most_common(_FEW):
        yield f"{times} x refused with this entry, with 401: {change}"


def _lasting(claims: Mapping[str, object]) -> dict[str, object]:
    """Return the claims without the address, which differs by call."""
    return {name: value for name, value in claims.items() if name != "aud"}


def _lives(claims: Mapping[str, object]) -> float:
    issued, expires = claims.get("iat"), claims.get("exp")
    return expires - issued if isinstance(issued, int | float) and isinstance(expires, int | float) else 0


def _calling(found: CaptureFindings) -> Iterator[str]:
    for hook, times in Counter(call.request.hook for call in found.calls).most_common():
        yield f"{times} x {hook}"
    for reason, times in Counter(found.refused).most_common(_FEW):
        yield f"{times} x not readable, and answered with 400: {reason}"
    if found.calls and not any(call.request.encounter_id for call in found.calls):
        yield "never names the encounter: what happened at this visit is told by dates alone"
    users = Counter(call.request.user_id.partition("/")[0] for call in found.calls)
    for kind, times in users.most_common():
        yield f"{times} x as {kind}"


def _sending(found: CaptureFindings) -> Iterator[str]:
    width = max(map(len, found.asked.templates))
    for key in found.asked.templates:
        states = found.states(key)
        came = ", ".join(f"{times} x {_WORDS[word]}" for word, times in states.most_common())
        late = found.advertised is not None and key not in found.advertised
        hint = "; the EHR's copy of discovery lacks this key: have it read discovery again" if late else ""
        yield f"{key.ljust(width)}  {came}{hint}"
    others = sorted({key for call in found.calls for key in call.others})
    if others:
        yield f"keys that nobody asked for, read by what is in them: {', '.join(others[:_FEW])}"


def _paging(found: CaptureFindings) -> Iterator[str]:
    paged = sorted({key for call in found.calls for key, word in call.states.items() if word == "first-page"})
    if not paged:
        yield "no list goes on behind its first page"
        return
    yield f"sends first pages of {', '.join(paged)}"
    if any(call.whole_leave for call in found.calls):
        yield "the pages behind are read from its FHIR server, where `fhirServers` of its entry has it"
    else:
        yield "and gives no leave to read on: these lists are incomplete, and each card says so"


def _call_back(found: CaptureFindings) -> Iterator[str]:
    whole = [call for call in found.calls if call.whole_leave]
    servers = sorted({call.request.fhir_server for call in found.calls if call.request.fhir_server})
    if not whole:
        incomplete = any(call.request.authorization for call in found.calls)
        yield (
            "fhirAuthorization lacks members, or its fhirServer: such calls get 400"
            if incomplete
            else "nothing: no call brings fhirAuthorization, so what is not sent stays unknown"
        )
        return
    yield f"{', '.join(servers)} ({len(whole)} of {len(found.calls)} calls)"
    scopes = {call.request.authorization.scope or "" for call in whole if call.request.authorization}
    for scope in sorted(scopes)[:_FEW]:
        if lacking := lacking_scopes(scope, {*found.asked.kinds.values(), "Medication"}):
            yield f"its scope leaves out: {', '.join(lacking)}"


def _never(found: CaptureFindings, lists: Mapping[str, str]) -> Iterator[str]:
    never, listed = found.never(), found.not_offered()
    if not never:
        yield "nothing: each list came at least once"
        return
    readable = any(call.whole_leave for call in found.calls)
    for kind in never:
        about = (
            "in notOffered of the entry" if kind in listed else "it is needed: without it each card says so"
        )
        yield f"{lists[kind]} ({kind}): {about}"
    if readable:
        yield "its FHIR server may have them: try a call before you keep notOffered"
    if set(MEDICINES) <= set(never):
        yield "no list of medicines ever came: without one there is no assessment"
    if len(found.calls) < _FEW:
        yield f"few calls were captured ({len(found.calls)}): capture more before you rely on it"
    if found.templates():
        yield "observations by code never came, and those by category did: the entry asks by category"
