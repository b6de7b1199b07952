"""Synthetic patients for trying the service: depression care that nobody had, and what it should come to.

`population.toml` says how often what happens; `people`, `courses` and `scores` draw one patient from it,
`truth` tells what was meant, `medicines`, `measures` and `problems` write the patient down as FHIR, `export`
fills files. The truth comes from what was drawn: nothing here imports what judges patients.
"""
