"""Style sheets and scripts: read once, sent from memory."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_FOLDER: Final = Path(__file__).parents[1] / "static"
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def assets() -> Mapping[str, bytes]:
    """Return each file of the look by its name."""
    return {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir())}


def routes() -> list[Route]:
    """Return the route of all these files."""
    return [Route("/static/{name}", _send, methods=["GET"])]


async def _send(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in assets():
        raise HTTPException(404)
    # Pages name a file with its digest, so a new one has a new address.
    kept = _FOR_EVER if request.query_params.get("v") else "no-cache"
    return Response(assets()[name], 200, {"cache-control": kept}, guess_type(name)[0])
