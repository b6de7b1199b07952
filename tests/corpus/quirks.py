"""The corpus of odd records and requests: every quirk, in the order of the survey that they come from.

A Which drug is it, B Is it a real, wanted order, C From when to when, D How much, E Conditions,
F Observations, allergies, patient, dates and references, G CDS Hooks requests, H Facts of vendors.
"""

from tests.corpus import calls, courses, findings, medicines, vendors
from tests.corpus.writing import Quirk

OF_RECORDS: tuple[Quirk, ...] = (*medicines.QUIRKS, *courses.QUIRKS, *findings.QUIRKS, *vendors.QUIRKS)
"""Changes of a record: a Bundle of one patient's resources."""

OF_REQUESTS: tuple[Quirk, ...] = calls.QUIRKS
"""Changes of a patient-view call with everything prefetched."""
