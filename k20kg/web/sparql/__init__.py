"""SPARQL over HTTP: the protocol, and a pool of processes that answer queries."""
