"""The sentences of the assessment, checked at start for what they may be filled with."""

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import Schema, fields

from mappings.flags import FlagId
from mappings.gaps import GapId
from mappings.gates import GateId
from mappings.placeholders import Sentence, table_of
from mappings.tables import Tables, load_table

_CHANGE = "scale baseline endpoint fall baseline_day endpoint_day"
PLACEHOLDERS: Mapping[str, Mapping[str, str]] = {
    "episode": {
        "recorded": "when",
        "recorded-twice": "earliest latest",
        "old-onset": "onset when days",
        "look-back": "when days",
        "after-remission": "when",
    },
    "basis": {
        "stopped-intolerance": "reason",
        "stopped-no-effect": "reason",
        "stopped-responded": "reason",
        "stopped-unrelated": "reason",
        "score-failed": _CHANGE,
        "score-partial": _CHANGE,
        "partial-not-failed": _CHANGE,
        "score-responded": _CHANGE,
        "score-failed-both": _CHANGE,
        "after-addition": _CHANGE,
        "score-unreadable": "",
        "scales-disagree": "",
        "contradiction": f"reason {_CHANGE}",
        "switched": "switch switch_day",
        "still-ill": "scale score score_day",
        "no-outcome": "",
    },
    "note": {
        "no-dispense": "",
        "never-dispensed": "",
        "non-adherent": "",
        "adherence": "percent",
        "reason-other": "reason",
        "reason-missing": "",
        "combined": "partner",
        "open-end": "",
        "undated": "",
        "reported": "",
        "limit": "because",
        "as-needed": "",
        "inexact": "",
        "never-counts": "because",
        "smoking": "",
    },
    "gate": {
        GateId.DECEASED: "",
        GateId.AGE: "age adult",
        f"{GateId.AGE}-between": "youngest oldest",
        f"{GateId.AGE}-unknown": "",
        f"{GateId.TREATED}-probable": "days evidence",
        GateId.DIAGNOSIS: "",
        GateId.TREATED: "days evidence",
        GateId.REFERRAL: "evidence",
    },
    "gap": {
        GapId.SEVERITY: "days",
        f"{GapId.SEVERITY}-unretrieved": "days",
        GapId.DIAGNOSIS: "evidence",
        GapId.PROBLEMS: "state",
        f"{GapId.PROBLEMS}-unread": "count",
        GapId.ALLERGIES: "state",
        GapId.MEDICATIONS: "parts state",
        GapId.PATIENT: "state",
        f"{GapId.MEDICATIONS}-dispenses": "",
        GapId.OTHER_LISTS: "parts",
    },
    "flag": {
        FlagId.SEV_MOD: "scale score day",
        FlagId.CLASS_1: "drug_class",
        FlagId.PAIR: "pair",
        "pair": "first second",
        FlagId.PARTIAL: "drugs",
        FlagId.ADH_UNK: "drugs",
    },
    "severity": {"score": "scale score day", "none": "days"},
    "augmentation": {
        "adequate": "dose days partner",
        "short": "dose days needed",
        "uncounted": "dose",
        "level": "value day",
        "no-level": "",
        "above-range": "lowest highest",
        "other-form": "form",
        "unknown-form": "form",
        "procedure": "count",
        "procedure-ordered": "count",
    },
}


@dataclass(frozen=True, slots=True)
class Findings:
    """Sentences by `section.key`."""

    texts: Mapping[str, str]

    def say(self, sentence: str, **values: object) -> str:
        """Return the sentence with its placeholders filled in."""
        return self.texts[sentence].format(**values)


def load_findings(tables: Tables | None = None) -> Findings:
    """Return the sentences of `findings.toml`; raise TableError when one is missing or cannot be filled."""
    sections = {
        section: table_of((name, Sentence(allowed)) for name, allowed in rows.items())
        for section, rows in PLACEHOLDERS.items()
    }
    schema = Schema.from_dict({"version": fields.String(required=True), **sections})
    content = load_table("findings.toml", schema(), tables)
    return Findings(
        {f"{section}.{key}": text for section in PLACEHOLDERS for key, text in content[section].items()}
    )
