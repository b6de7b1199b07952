"""A page for testers: made-up patients and orders, and what the real services answer about them."""
