"""Who calls: issuers, their tokens, and what a client may have read."""
