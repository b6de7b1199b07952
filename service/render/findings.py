"""Flags, gaps and unreadable entries as lines of a card."""

from collections.abc import Mapping, Sequence

from mappings.wording import Wording
from service.clinical.assessment import Flag, Gap
from service.clinical.facts import Unreadable
from service.clinical.routes import ROUTES, Route, heaviest, heaviest_first, held, level_word
from service.render.context import say, say_plain
from service.render.escape import Markdown, markdown
from service.render.ledger import and_more, evidence, joined

SAFETY_UNKNOWN = "SAFE-UNK"


def flag_lines(wording: Wording, flags: Sequence[Flag]) -> list[Markdown]:
    """Return heading and lines of the flags, the heaviest first; those left out are named."""
    ordered, longest = heaviest_first(flags), wording.limits.list
    lines = [_flag(wording, flag) for flag in ordered[:longest]] or [say(wording, "flags.none")]
    if rest := ordered[longest:]:
        lines.append(say(wording, "flags.more", count=len(rest), names=joined(wording, [f.id for f in rest])))
    if any(held(flag, route) for flag in ordered for route in ROUTES):
        lines.append(Markdown(wording.fact_text("project-hold")))
    return [say(wording, "flags.heading"), *lines]


def route_lines(wording: Wording, flags: Sequence[Flag], routes: Sequence[Route] = ROUTES) -> list[Markdown]:
    """Return for each route the heaviest level on record, and the findings that give it."""
    return [_route(wording, flags, route) for route in routes]


def gap_lines(wording: Wording, missing: Sequence[Gap]) -> list[Markdown]:
    """Return what the record does not tell: what is needed first, then what is merely not assessed.

    The suicide-risk gap is left out: it stands first on the card.
    """
    needed = [gap for gap in missing if gap.blocking]
    others = [gap for gap in missing if not gap.blocking and gap.id != SAFETY_UNKNOWN]
    return [
        *_gaps(wording, "gaps.blocking", needed),
        *_gaps(wording, "gaps.open", others),
    ]


def safety_unknown(wording: Wording, missing: Sequence[Gap]) -> list[Markdown]:
    """Return the line that comes before all others when the record holds no recent suicide-risk answer."""
    return [say(wording, "lead.safety_unknown", text=gap.text) for gap in missing if gap.id == SAFETY_UNKNOWN]


def unreadable_lines(
    wording: Wording, unreadable: Sequence[Unreadable], received: Mapping[str, int]
) -> list[Markdown]:
    """Return how many entries of each kind could not be read, of how many, and why."""
    kinds: dict[str, list[Unreadable]] = {}
    for entry in unreadable:
        kinds.setdefault(_kind(wording, entry.reference), []).append(entry)
    lines = [_unreadable(wording, kind, entries, received) for kind, entries in kinds.items()]
    return [say(wording, "gaps.unreadable"), *lines] if lines else []


def finding_name(wording: Wording, flag: Flag, level: str) -> str:
    """Return the title; beside true contraindications a hold says that it is one."""
    marked = held(flag, *ROUTES) and level == "contraindication"
    return say_plain(wording, "list.hold", name=flag.title) if marked else flag.title


def _flag(wording: Wording, flag: Flag) -> Markdown:
    return say(
        wording,
        "flags.flag",
        title=markdown(flag.title, wording.limits.name),
        id=flag.id,
        levels=_levels(wording, flag),
        text=flag.text,
        evidence=evidence(wording, flag.evidence),
    )


def _levels(wording: Wording, flag: Flag) -> Markdown:
    levels = {route: word for route in ROUTES if (word := level_word(flag, route))}
    if len(levels) == len(ROUTES) and len(set(levels.values())) == 1:
        return _level(wording, "both", next(iter(levels.values())))
    return Markdown(", ".join(_level(wording, route, word) for route, word in levels.items()))


def _level(wording: Wording, route: str, word: str) -> Markdown:
    return say(
        wording, "flags.level", route=wording.words["route"][route], level=wording.words["level"][word]
    )


def _route(wording: Wording, flags: Sequence[Flag], route: Route) -> Markdown:
    level, found = heaviest(flags, route)
    names = joined(wording, [finding_name(wording, flag, level) for flag in found])
    return say(
        wording,
        "lead.route",
        route=wording.words["route"][route],
        level=wording.words["level"][level],
        findings=Markdown(f" ({names})" if found else ""),
    )


def _gaps(wording: Wording, heading: str, gaps: Sequence[Gap]) -> list[Markdown]:
    longest = wording.limits.list
    lines = [say(wording, "gaps.gap", text=gap.text, id=gap.id) for gap in gaps[:longest]]
    if rest := gaps[longest:]:
        lines.append(
            say(wording, "gaps.more", count=len(rest), names=joined(wording, [gap.id for gap in rest]))
        )
    return [say(wording, heading), *lines] if lines else []


def _kind(wording: Wording, reference: str) -> str:
    kinds = wording.words["entry"]
    return kinds.get(reference.partition("/")[0], kinds["other"])


def _unreadable(
    wording: Wording, kind: str, entries: Sequence[Unreadable], received: Mapping[str, int]
) -> Markdown:
    total = sum(count for name, count in received.items() if _kind(wording, name) == kind)
    reasons = [
        say(wording, "gaps.entry", reference=entry.reference, reason=entry.reason)
        for entry in entries[: min(wording.limits.list, wording.limits.references)]
    ]
    text = and_more(wording, reasons, len(entries) - len(reasons))
    if total < len(entries):
        return say(wording, "gaps.entries", count=len(entries), kind=kind, reasons=text)
    return say(wording, "gaps.entries_of", count=len(entries), total=total, kind=kind, reasons=text)
