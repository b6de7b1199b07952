"""Is it right? What a clinician scored by hand, held against what a screening said of the same charts.

`key` reads what was scored, `results` what was said, `agreement` holds them against each other by `kappa`,
`report` writes it down and reads it again for the basis pages.
"""
