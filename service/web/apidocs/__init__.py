"""The API documentation: openapi.yaml as a page."""
