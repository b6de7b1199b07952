"""The evidence view: a SMART app (SMART App Launch 2, EHR launch) that shows what an assessment rests on.

It keeps nothing: what a launch needs again is in one sealed cookie of the browser, and the token of the user
lives in the one request that reads the record and answers with the page.
"""
