"""What the services ask an EHR to send along with a call."""

# Prefetch key -> query, within the subset that CDS Hooks recommends. Newest first where only the newest
# values matter and an EHR may send the first page alone.
PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "allergies": "AllergyIntolerance?patient={{context.patientId}}",
    "medicationRequests": "MedicationRequest?patient={{context.patientId}}&_sort=-authoredon",
    "medicationDispenses": "MedicationDispense?patient={{context.patientId}}&_sort=-whenhandedover",
    "medicationStatements": "MedicationStatement?patient={{context.patientId}}",
    "medicationAdministrations": "MedicationAdministration?patient={{context.patientId}}",
    "observations": (
        "Observation?patient={{context.patientId}}&category=vital-signs,survey,laboratory&_sort=-date"
    ),
    "questionnaireResponses": "QuestionnaireResponse?patient={{context.patientId}}&_sort=-authored",
    "procedures": "Procedure?patient={{context.patientId}}&_sort=-date",
    "serviceRequests": "ServiceRequest?patient={{context.patientId}}&_sort=-authored",
    "deviceUses": "DeviceUseStatement?patient={{context.patientId}}",
}

ASKED_FOR = {key: query.split("?")[0].split("/")[0] for key, query in PREFETCH.items()}
"""Prefetch key -> resource type."""

ESSENTIAL = ("patient", "conditions", "medicationRequests")
"""Without any of these there is nothing to assess."""
