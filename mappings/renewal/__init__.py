"""Makes the terminology tables of a site anew, from the releases that the site is licensed to use.

What a person decided (which drug is in which group, which product can never be an antidepressant trial,
which route a dose form has) is not in this code but in the csv files beside it and in
`mappings/terminology/ingredients.csv`.
"""
