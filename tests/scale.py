"""How much a random test tries: a sample in `make test`, all of it in `make prove`."""

from __future__ import annotations

import os

PROVE = os.environ.get("K20KG_PROVE", "") not in ("", "0")


def tries(*, sample: int, prove: int) -> int:
    """Return how often to try: `prove` times where K20KG_PROVE is set, else `sample` times."""
    return prove if PROVE else sample
