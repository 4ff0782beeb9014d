"""Reasoning with OWL: the premises of a case, the reasoners, conclusions and their explanations.

No criterion is known here: what each asks for, and all that is told of properties and classes
beyond OWL, stands in the ontology.
"""
