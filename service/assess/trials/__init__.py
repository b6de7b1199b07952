"""Antidepressant trials: from supply to days, courses, verdicts and the ledger (clinical rule 7.2)."""
