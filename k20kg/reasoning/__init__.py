"""What a reasoner is told of a case, how it is run, and why something follows.

- ``axioms``: the ontology's logic, and the classes to repeat for each thing of a kind
- ``facts``: what stands on record
- ``closing``: which lists are closed, by completeness statements alone
- ``premises``: the three together, for one case
- ``reasoner``: HermiT and Pellet, as they come with owlready2
- ``explain``: the axioms from which something follows

No criterion is known here: what each asks for, and all that is told of properties and classes
beyond OWL, stands in the ontology.
"""
