"""What those who run the service see of it and hold it by: figures, log, limits, headers, the way in."""
