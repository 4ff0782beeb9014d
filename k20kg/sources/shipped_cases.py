"""The cases that come with the tool, by name."""

from __future__ import annotations

from pathlib import Path

from k20kg.vocabulary import packaged


def shipped_cases() -> dict[str, Path]:
    """Return name → file or folder of each shipped case, real ones first.

    >>> shipped_cases()["lamsig"].name
    'lamsig'
    """
    real = sorted(p for p in packaged("data", "cases").iterdir() if p.is_dir())
    made_up = sorted(packaged("data", "counter-cases").glob("*.ttl"))
    return {path.stem: path for path in [*real, *made_up]}
