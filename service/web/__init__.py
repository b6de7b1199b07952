"""Pages: status, basis, API description, sandbox, evidence view, and the files they share."""
