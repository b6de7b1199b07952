"""Plain sentences of dosage texts: "take 1 tablet (50 mg) by mouth daily", "20 mg q AM", "2 caps bid".

A text that says more than this grammar knows (a taper without days, an alternation, "as directed")
is not guessed at: it has no dose.
"""

import re
from dataclasses import dataclass

_HALVES = dict.fromkeys(("half", "one-half", "½", "1/2", "half a", "half of a", "½ of a", "1/2 of a"), 0.5)
_ONE_AND_HALF = dict.fromkeys(("1½", "1 1/2", "1 and 1/2", "one and a half", "one and one-half"), 1.5)
_WORDS = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0}
_NUMBERS = {**_WORDS, **_HALVES, **_ONE_AND_HALF, "2½": 2.5}
_NUMBER = (
    r"(?:one and (?:a |one-)half|half (?:of )?a|(?:½|1/2) of a|1 and 1/2|1 1/2|1½|2½|½|1/2"
    r"|\d+(?:,\d{3})*(?:\.\d+)?|one-half|one|two|three|four|five|six|half|an|a)"
)
_UNIT = (
    r"(?:mgs?|milligrams?|mcgs?|micrograms?|ug|grams?|gm?|mls?|milliliters?|cc|tsp|teaspoons?"
    r"|tab\(s\)|tablet\(s\)|tablets?|tabs?|cap\(s\)|capsule\(s\)|capsules?|caps?"
    r"|patch\(es\)|patches|patch|pills?|softgels?)"
)
_AMOUNT = re.compile(
    rf"(?<![\w.])(?P<low>{_NUMBER})(?: ?(?:-|–|to|or) ?{_NUMBER})?(?: \(\w+(?:-\w+)?\))? ?-?(?P<unit>{_UNIT})"
    r"(?:/24 ?(?:h|hr|hrs|hours)\b|(?P<rate> ?(?:/|per|a) ?(?:day|d)\b)|(?![\w/]))"
)
_SAME_AGAIN = re.compile(
    rf"(?:\((?:=|total(?: dose)?:? )? ?(?P<a>{_NUMBER}) ?(?P<au>{_UNIT})(?: total(?: dose)?| each)?\))"
    rf"|(?:= ?(?P<b>{_NUMBER}) ?(?P<bu>{_UNIT}))"
)
_COUNT = (
    r"(?:(?P<n>\d+|one|two|three|four|once|twice|thrice)(?: \((?:one|two|three|four|five|six)\))?"
    r" ?(?:times?|x)?,?)"
)
_EVERY = r"(?:every|each|q)"
_EACH = r"(?:a|per|each|every|/)"
_OFTEN: tuple[tuple[re.Pattern[str], str | float], ...] = (
    (re.compile(rf"\b{_COUNT} ?(?:{_EACH} ?(?:week|wk)\b|weekly\b)"), "week"),
    (
        re.compile(rf"\b{_EVERY} other (?:day|morning|evening|night)\b|\bq\.?o\.?d\b\.?|\balternate days\b"),
        0.5,
    ),
    (re.compile(rf"\b{_EVERY} ?(?P<h>\d+)(?: \(\w+\))? ?(?:hours?|hrs?|h)\b"), "hours"),
    (re.compile(rf"\b{_EVERY} ?(?P<d>\d+)(?: \(\w+\))? ?days?\b"), "days"),
    (re.compile(rf"\b{_COUNT} ?(?:{_EACH} ?(?:day|d)\b|daily\b)"), "day"),
    (re.compile(r"\bq\.?i\.?d\b\.?|\bfour times\b"), 4.0),
    (re.compile(r"\bt\.?i\.?d\b\.?|\bthree times\b"), 3.0),
    (re.compile(r"\bb\.?i\.?d\b\.?|\btwice\b"), 2.0),
    (re.compile(rf"\b{_EVERY} ?week\b|\bweekly\b|\bq ?wk\b|\bonce[ -]weekly\b"), 1 / 7),
)
_DAILY = re.compile(
    r"\bdaily\b|\bevery ?day\b|\beach day\b|\ba day\b|\bper day\b|\bq\.? ?d(?:ay)?\b\.?|\bo\.?d\b\.?"
)
_AT = r"(?:every|each|in the|in|q)"
_TIMES = (
    (re.compile(rf"\bq\.? ?a\.?m\b\.?|\b{_AT} ?mornings?\b|\ba\.?m\b\.?|\bwith breakfast\b"), "morning"),
    (re.compile(r"\bat noon\b|\bmidday\b|\b(?:with|at) lunch\b"), "noon"),
    (
        re.compile(rf"\b{_AT} ?evening\b|\bq?\.? ?p\.?m\b\.?|\bwith (?:dinner|supper)\b|\bafternoon\b"),
        "evening",
    ),
    (
        re.compile(rf"\b(?:nightly|(?:{_AT}|at|before) ?(?:night|bed ?time|bed)|(?:q\.? ?)?h\.?s\.?)(?!\w)"),
        "night",
    ),
)
_SPAN = re.compile(
    rf"\b(?:for|x|×)(?: the)?(?: first| next)? ?(?P<n>{_NUMBER})(?: \(\w+\))?"
    r" ?(?P<unit>days?|d|weeks?|wks?|months?|mos?)\b"
)
_PRN = re.compile(r"\bp\.?r\.?n\b\.?|\b(?:as|if|when) needed\b|\bas-needed\b|\bwhen required\b")
_THEN = re.compile(r"[,;.]? *\b(?:and )?then\b[ ,:]*|; *(?=\w)")
_ADMIN = re.compile(
    r",? *(?:starting|start on|start) (?:on )?(?:\w{3} )?\d[\d/\-]*|,? *until (?:\w{3} )?\d[\d/\-]*"
    r"|,? *(?:#|disp\w*:?) *\d+\s*\w*|,? *\d+ *refill(?:\(s\)|s)?|,? *refills?:? *\d+"
    r"|, *(?:normal|historical med|print|no print|e-?prescribe)\b"
)
_AND = re.compile(r" and | & | \+ |, (?=\d)")
_CLOCK_TIME = re.compile(r"(?:[01]\d|2[0-3]):?[0-5]\d")
_CLOCK = re.compile(rf"{_CLOCK_TIME.pattern}(?:[ ,&]+{_CLOCK_TIME.pattern})*")
_UNTIL = re.compile(r"\buntil (?:[a-z]{3} )?(\d{1,2})/(\d{1,2})/(\d{4})\b")
_UNSAID = re.compile(
    r"\d|\b(?:increase|decrease|titrat\w*|taper\w*|alternat\w*|reduce|may|can|could|up|max\w*|directed|except|odd"
    r"|even|skip|or|mon\w*|tue\w*|wed\w*|thu\w*|fri\w*|sat\w*|sun\w*|weekdays?|weekends?|additional|extra|another"
    r"|repeat\w*|not|stop|discontinue\w*|hold|do|once|dose)\b"
)
_DAYS = {"d": 1, "w": 7, "m": 30}
_LONGEST = 500  # characters: a longer text is no plain sentence, and a hostile one costs no time


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """One step of a text: so much of `unit`, so often a day, for so many days; None where it is silent.

    `total` is the same amount said again in another unit ("2 tablets (100 mg total)"). `times` are the
    times of day, so that morning and evening of one day can be told from steps of a titration.
    """

    amount: float | None = None
    unit: str = ""
    again: float | None = None
    again_unit: str = ""
    per_day: float | None = None
    days: int | None = None
    times: frozenset[str] = frozenset()


def spoken(text: str) -> tuple[tuple[Spoken, ...], ...]:
    """The steps that a dosage text describes, in their order; empty if it is not understood.

    A step has several parts when different amounts are taken at different times of one day.
    """
    if not text or len(text) > _LONGEST:
        return ()
    parts = [part for part in _THEN.split(_plain(text)) if part.strip(" .,;")]
    steps = [_step(part) for part in parts]
    return tuple(steps) if all(steps) else ()


def as_needed(text: str) -> bool:
    """Whether a text says that the medicine is taken as needed."""
    return bool(text) and _PRN.search(text.lower()) is not None


def until(text: str) -> str:
    """The last day that a text states in words ("Until Wed 5/27/2020"), as a FHIR date."""
    match = _UNTIL.search(text.lower())
    return f"{match[3]}-{int(match[1]):02}-{int(match[2]):02}" if match else ""


def frequency(text: str) -> float | None:
    """How often a day a schedule in words is ("Daily", "qAM", "0900"); None if it says more than that."""
    if len(text) > _LONGEST:
        return None
    if _CLOCK.fullmatch(text.strip()):
        return float(len(_CLOCK_TIME.findall(text)))
    rest, often, _ = _schedule(_plain(text))
    return None if _UNSAID.search(rest) else often


def _plain(text: str) -> str:
    plain = " ".join(text.lower().replace("\u00a0", " ").split())
    return _ADMIN.sub(" ", plain)


def _step(text: str) -> tuple[Spoken, ...]:
    whole = _part(text)
    if whole is not None:
        return (whole,)
    parts = [_part(piece) for piece in _AND.split(text)]
    known = [part for part in parts if part is not None and part.amount is not None and part.times]
    times = [time for part in known for time in part.times]
    return tuple(known) if len(known) == len(parts) > 1 and len(times) == len(set(times)) else ()


def _part(text: str) -> Spoken | None:
    rest, days = _span(_PRN.sub(" ", text))
    again = _SAME_AGAIN.search(rest)
    rest = _SAME_AGAIN.sub(" ", rest)
    amounts = list(_AMOUNT.finditer(rest))
    rest, often, times = _schedule(_AMOUNT.sub(" ", rest))
    if len(amounts) > 1 or _UNSAID.search(rest) or (not amounts and often is None):
        return None
    amount = amounts[0] if amounts else None
    if amount is not None and amount["rate"]:
        often = 1.0
    return Spoken(
        amount=_number(amount["low"]) if amount else None,
        unit=amount["unit"] if amount else "",
        again=_number(again["a"] or again["b"]) if again else None,
        again_unit=(again["au"] or again["bu"]) if again else "",
        per_day=often,
        days=days,
        times=times,
    )


def _schedule(text: str) -> tuple[str, float | None, frozenset[str]]:
    """The text without its schedule, how often a day it says, and at which times of day.

    "Daily" beside a number of times a day says nothing new; two numbers that differ are left standing,
    so that the text counts as not understood.
    """
    said: list[float] = []
    for pattern, meaning in _OFTEN:
        match = pattern.search(text)
        if match is not None:
            said.append(meaning if isinstance(meaning, float) else _counted(match, meaning))
            text = pattern.sub(" ", text, count=1)
    if _DAILY.search(text):
        text = _DAILY.sub(" ", text)
        said = said or [1.0]
    times = frozenset(time for pattern, time in _TIMES if pattern.search(text))
    for pattern, _ in _TIMES:
        text = pattern.sub(" ", text)
    if len(set(said)) > 1:
        return f"{text} 0", None, times
    return text, said[0] if said else (float(len(times)) or None), times


def _counted(match: re.Match[str], meaning: str) -> float:
    if meaning in ("hours", "days"):
        every = int(match["h"] if meaning == "hours" else match["d"]) or 1
        return 24 / every if meaning == "hours" else 1 / every
    times = {"once": 1.0, "twice": 2.0, "thrice": 3.0}.get(match["n"]) or _number(match["n"])
    return times if meaning == "day" else times / 7


def _span(text: str) -> tuple[str, int | None]:
    match = _SPAN.search(text)
    if match is None:
        return text, None
    return _SPAN.sub(" ", text, count=1), int(_number(match["n"]) * _DAYS[match["unit"][0]])


def _number(text: str) -> float:
    return _NUMBERS[text] if text in _NUMBERS else float(text.replace(",", ""))
