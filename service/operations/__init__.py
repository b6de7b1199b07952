"""Operation of the service: figures, log, limits, headers, and the gateway."""
