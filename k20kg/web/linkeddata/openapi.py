"""OpenAPI 3.1 description of the HTTP interface: `openapi.json`, with the lists that data fill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from k20kg.definition.shipped import shipped_definitions
from k20kg.sparql.named_queries import list_queries
from k20kg.vocabulary import BASE
from k20kg.web.dataset import Dataset
from k20kg.web.linkeddata.documents import minted

_FILE: Final = Path(__file__).parents[1] / "openapi.json"
_NO_KINDS: Final = {"ontology", "shapes", "data", "void"}

Json = dict[str, Any]


def describe(dataset: Dataset, root: str = "") -> str:
    """Return the OpenAPI document as JSON, with shared responses in place.

    In the file, the name of a list stands for the list: ``{"enum": "queries"}``.
    """
    text = _FILE.read_text(encoding="utf-8")
    shared = json.loads(text)["components"]["responses"]
    paths = (iri.removeprefix(BASE) for iri in minted(dataset) if "#" not in iri)
    lists = {
        "kinds": sorted({path.partition("/")[0] for path in paths if "/" in path} - _NO_KINDS),
        "queries": [query.name for query in list_queries()],
        "definitions": list(shipped_definitions()),
    }

    def fill(node: Json) -> Json:
        if isinstance(node.get("enum"), str):
            node["enum"] = lists[node["enum"]]
        section, _, name = node.get("$ref", "").rpartition("/")
        return shared[name] if section == "#/components/responses" else node

    document: Json = json.loads(text, object_hook=fill)
    del document["components"]["responses"]
    document["info"]["version"] = dataset.version
    document["servers"] = [{"url": root or "/"}]
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
