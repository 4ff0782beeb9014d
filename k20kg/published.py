"""Packaged Turtle files as they are published: each with what its source leaves to be derived.

A source file states a thing once. Readers of the packaged files, the wheel and the site get the
published statements; in a wheel the files hold them already, and nothing is added to them.
"""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from k20kg.graph import read_turtle

__all__ = ["read_published"]


def read_published(*paths: Path) -> list[ox.Quad]:
    """Return the published quads of packaged Turtle files; blank nodes of files stay apart."""
    return [quad for path in paths for quad in read_turtle(path)]
