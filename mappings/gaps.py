"""What a record can leave unknown: one id each for its sentence, its short name and its advice."""

from enum import StrEnum


class GapId(StrEnum):
    """What can be unknown about the lists, the diagnosis, the severity and the risk."""

    SEVERITY = "SCORE-UNK"
    DIAGNOSIS = "DX-UNSPEC"
    PROBLEMS = "LIST-CONDITION"
    ALLERGIES = "LIST-ALLERGY"
    MEDICATIONS = "LIST-MEDICATION"
    PATIENT = "LIST-PATIENT"
    OTHER_LISTS = "LIST-OTHER"
    RISK = "SAFE-UNK"


class FlagGap(StrEnum):
    """What can be unknown about the flags: a row of `flags.toml` each."""

    PRESSURE = "BP-UNK"
    PREGNANCY = "PREG-UNK"
    LIVER = "LIVER-UNK"
    SUBSTANCES = "SUD-UNK"
    PSYCHOSIS = "PSY-UNK"
    ALLERGIES = "ALLERGY-EMPTY"
    PRIOR_COURSE = "PRIOR-UNK"
    THYROID = "TSH-UNK"


NAMED_GAPS = (*FlagGap, *(gap for gap in GapId if gap not in (GapId.OTHER_LISTS, GapId.RISK)))
"""Gaps with a short name and an advice; the sentence of each other one says all there is to say."""
