"""CDS Hooks 2.0.1 without medicine: what a service of any clinical topic needs to speak it."""
