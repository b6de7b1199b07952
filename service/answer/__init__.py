"""One call from request to reply."""
