"""From ontology and shapes to a definition that can be judged by.

What a definition says stands in the ontology (`metadata`); how it is tested stands in the shapes
(`shape_roles`). Both are read by the `loader`, shipped or one's own, with the shapes of each of the
`variants` worked out. The `compiler` makes of the two what an engine is given and what its results
mean (`compiled`). No condition is held here.
"""
