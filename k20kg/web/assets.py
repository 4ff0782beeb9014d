"""Style sheets and scripts: read once, sent from memory."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

__all__ = ["assets", "routes"]

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def assets() -> Mapping[str, bytes]:
    """Return each file of the look by its name."""
    files = sorted(path for path in _FOLDER.iterdir() if path.suffix in _TYPES)
    return MappingProxyType({path.name: path.read_bytes() for path in files})


def routes() -> list[Route]:
    """Return the route of all these files."""
    return [Route("/static/{name}", _send, methods=["GET"])]


async def _send(request: Request) -> Response:
    name = request.path_params["name"]
    body = assets().get(name)
    if body is None:
        raise HTTPException(404)
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    # Pages name a file with its digest, so a new one has a new address.
    kept = _FOR_EVER if request.query_params.get("v") else "no-cache"
    headers = {"etag": tag, "cache-control": kept}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=_TYPES[Path(name).suffix])
