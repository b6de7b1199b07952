"""Whole populations: an export is read, grouped by patient and screened by the rules that the hooks run."""
