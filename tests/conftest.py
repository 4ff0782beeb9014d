"""What all tests share: a reference engine without the two things that take a third of its time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def _pyshacl_without_detours() -> Iterator[None]:
    """Let pySHACL parse each query once and leave out its explanations, which nobody reads here.

    Its results are its own. Where its command line is tested, nothing is changed.
    """
    import rdflib.plugins.sparql.processor as queries
    from pyshacl.constraints.constraint_component import ConstraintComponent

    parse, translate = queries.parseQuery, queries.translateQuery

    @cache
    def prepared(text: str, base: str | None, names: tuple[tuple[str, Any], ...]) -> Any:
        return translate(parse(text), base, dict(names))

    def prepare(text: str, base: str | None = None, names: Any = None) -> Any:
        return prepared(text, base, tuple((names or {}).items()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "parseQuery", lambda text: text)
        patch.setattr(queries, "translateQuery", prepare)
        patch.setattr(ConstraintComponent, "make_v_result_description", lambda *_a, **_k: "")
        yield
