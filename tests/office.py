"""LibreOffice, where it is installed: opens what we write, and saves it as something else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(
    SOFFICE is None, reason="Debian's package libreoffice-calc is not installed"
)


def converted(path: Path, ending: str, home: Path) -> Path:
    """Return a file as LibreOffice saves it in another format, beside it in a folder of its own."""
    assert SOFFICE
    out = path.parent / "converted"
    subprocess.run(
        [SOFFICE, f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", ending,
         "--outdir", out, path],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return out / f"{path.stem}.{ending}"
