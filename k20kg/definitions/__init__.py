"""From ontology and shapes to a definition that can be judged by.

What a definition says stands in the ontology (`words`); how it is tested stands in the shapes
(`requirements`). Both are read from `files`, shipped or one's own, with the shapes of each of the
`variants` worked out. `planning` compiles the two into what an engine is given and what its
results mean (`plans`). No condition is held here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k20kg.definitions.bundles import all_shapes, bundle
    from k20kg.definitions.files import Material, load
    from k20kg.definitions.kinds import Kind
    from k20kg.definitions.planning import plan_of
    from k20kg.definitions.plans import Plan, plan
    from k20kg.definitions.reach import Reach, reach_of
    from k20kg.definitions.requirements import Requirement, Test, verdict_on
    from k20kg.definitions.shipped import DEFAULT_DEFINITION, shipped_definitions
    from k20kg.definitions.subclasses import derive_subclass_slice, subclass_slice
    from k20kg.definitions.words import definition_of, load_definition

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

_HOMES = {
    "all_shapes": "bundles",
    "bundle": "bundles",
    "Material": "files",
    "load": "files",
    "Kind": "kinds",
    "plan_of": "planning",
    "Plan": "plans",
    "plan": "plans",
    "Reach": "reach",
    "reach_of": "reach",
    "Requirement": "requirements",
    "Test": "requirements",
    "verdict_on": "requirements",
    "DEFAULT_DEFINITION": "shipped",
    "shipped_definitions": "shipped",
    "derive_subclass_slice": "subclasses",
    "subclass_slice": "subclasses",
    "definition_of": "words",
    "load_definition": "words",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: judging by a shipped definition needs few of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
