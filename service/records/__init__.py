"""What is kept of a call: the decision record and its digests."""
