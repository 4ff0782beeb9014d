"""k20kg says whether a group is a K-20 partnership, criterion by criterion, on what evidence.

>>> import k20kg
>>> k20kg.validate("data/cases/lamsig", reading="as-applied")  # doctest: +SKIP
[Assessment(case='https://w3id.org/k20kg/case/lamsig', …)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k20kg.judging.judge import Judge, validate
    from k20kg.model import Assessment, Verdict

__all__ = ["Assessment", "Judge", "Verdict", "__version__", "validate"]
__version__ = "0.2.0"

_HOMES = {
    "Assessment": "k20kg.model",
    "Judge": "k20kg.judging.judge",
    "Verdict": "k20kg.model",
    "validate": "k20kg.judging.judge",
}


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: start-up time counts for a command."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
