"""FHIR JSON as it arrives, read into a typed record; pure."""
