"""Makes the shipped terminology tables: `python -m mappings.rebuild SOURCE_DIR`, a folder of source tables.

Two runs on the same sources write the same bytes. What a person decided (which drug is in which group,
what a concept's name means for the rules) is not in this code but in the csv files beside it, in
`mappings/renewal` and in `mappings/terminology/ingredients.csv`.
"""
