"""The version of the tool, of the ontology and of the shapes."""

__version__ = "0.2.0"
