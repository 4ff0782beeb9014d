"""From ontology and shapes to a definition that can be judged by.

What a definition says stands in the ontology (`metadata`); how it is tested stands in the shapes.
Both are read by the `loader`, shipped or one's own: it checks them (`lint`), derives what they
leave unwritten (`expand`, `forms`) and works out `variants`. The `compiler` makes of the two what
an engine is given and what its results mean (`compiled`). No condition is held here.
"""
