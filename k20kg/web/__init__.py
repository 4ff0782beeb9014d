"""Linked data, SPARQL and pages over HTTP, and the same as static files."""
