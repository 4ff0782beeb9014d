"""From ontology and shapes to a definition that can be judged by.

What a definition says stands in the ontology (`words`); how it is tested stands in the shapes
(`requirements`). Both are read from `files`, shipped or one's own, with the shapes of each of the
`variants` worked out. `plans` draws the map from one to the other: what an engine is given, and
what its results mean. No condition is held here.
"""

from __future__ import annotations

from k20kg.definitions.bundles import all_shapes, bundle
from k20kg.definitions.files import DEFAULT_DEFINITION, Material, load, shipped_definitions
from k20kg.definitions.kinds import Kind
from k20kg.definitions.plans import Plan, plan, plan_of
from k20kg.definitions.reach import Reach, reach_of
from k20kg.definitions.requirements import Requirement, Test, verdict_on
from k20kg.definitions.subclasses import derive_subclass_slice, subclass_slice
from k20kg.definitions.words import definition_of
from k20kg.model import Definition

__all__ = [
    "DEFAULT_DEFINITION",
    "Kind",
    "Material",
    "Plan",
    "Reach",
    "Requirement",
    "Test",
    "all_shapes",
    "bundle",
    "definition_of",
    "derive_subclass_slice",
    "load",
    "load_definition",
    "plan",
    "plan_of",
    "reach_of",
    "shipped_definitions",
    "subclass_slice",
    "verdict_on",
]


def load_definition(name: str = DEFAULT_DEFINITION) -> Definition:
    """Return a definition, with its criteria and readings in order, by id, IRI or path of a file.

    >>> [c.code for c in load_definition().criteria]
    ['1a', '1b', '2a', '2b', '2c', '2d', '2e', '3', '4']
    """
    return definition_of(load(name))
