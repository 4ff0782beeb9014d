"""Linked data: a document for every IRI, dumps and discovery files."""
