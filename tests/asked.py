"""What the services ask an EHR for, from the tables."""

from mappings.knowledge import load_knowledge
from service.fhir.prefetch import usual

ASKED = usual(load_knowledge().prefetch)
PREFETCH = ASKED.templates
ASKED_FOR = ASKED.kinds
