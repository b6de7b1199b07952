"""What the service understood of a request or Bundle, entry by entry: the answer of `ketamine-cds check`."""
