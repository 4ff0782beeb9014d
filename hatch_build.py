"""Puts the packaged files into a wheel as they are published, with nothing left to be derived."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Publish(BuildHookInterface[Any]):
    """Adds the files of `ontology`, `shapes`, `queries` and `data` below ``k20kg/packaged``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write each file where the wheel takes it from; an editable install reads the sources."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, self.root)
        from k20kg.sources.published import publish, published_files

        self._written = TemporaryDirectory()
        for path in published_files("ontology", "shapes", "queries", "data"):
            name = path.relative_to(root)
            target = Path(self._written.name, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(publish(path))
            build_data["force_include"][str(target)] = f"k20kg/packaged/{name.as_posix()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was written."""
        if version != "editable":
            self._written.cleanup()
