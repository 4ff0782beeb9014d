"""RDF in, RDF out: syntaxes, quads, literals; knows nothing of partnerships."""
