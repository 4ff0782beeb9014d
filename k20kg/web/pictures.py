"""The pictures of pages as files: SVG that needs no style sheet of the page, and PNG."""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from k20kg.vocabulary import BASE
from k20kg.web.http.png import painter
from k20kg.web.http.responses import RefusalError, assets

_RULE: Final = re.compile(r"^\.(?:chart|cut)\b[^{]*\{[^}]*\}", re.MULTILINE)
_SIGNS: Final = re.compile(r'<svg class="sprite".*?>(.*?)</svg>', re.DOTALL)
_TOKEN: Final = re.compile(r"(--[\w-]+): ([^;]+);")
_MEDIA_TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}


def route(app: ASGIApp, root: str) -> Route:
    """Return the route of ``/picture/PATH/NAME.svg`` or png: the picture NAME on the page PATH."""

    async def send(request: Request) -> Response:
        path = request.path_params["path"]
        name, _, form = request.path_params["file"].rpartition(".")
        draw = {"svg": str.encode, "png": painter()}.get(form)
        query = request.scope["query_string"].decode("latin-1")
        status, body = await ask(app, f"{path}?{query}", b"text/html")
        page = body.decode()
        if status != 200 or not draw or not (picture := _cut_out(page, name)):
            raise RefusalError(404, "there is no such picture", request.url.path, "see its page")
        signs = _SIGNS.search(page)
        inside = f"<style>{_style()}</style><defs>{signs[1] if signs else ''}</defs>"
        svg = picture.replace(">", f">{inside}", 1).replace(f'href="{root}/', f'href="{BASE}')
        if "xmlns=" not in picture:
            svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        told = {
            "cache-control": "no-cache",
            "content-disposition": f'attachment; filename="{name}.{form}"',
        }
        body = await run_in_threadpool(draw, svg)
        return Response(body, headers=told, media_type=_MEDIA_TYPES[form])

    return Route("/picture/{path:path}/{file:str}", send, methods=["GET"])


def _cut_out(page: str, name: str) -> str:
    """Return the element of a picture on a page, with those within it; or ""."""
    found = re.search(rf'<svg [^>]*class="chart (?:[\w-]+ )?{re.escape(name)}"', page)
    depth = 0
    for tag in re.compile(r"<(/?)svg\b").finditer(page, found.start()) if found else ():
        depth += -1 if tag[1] else 1
        if found and not depth:
            return page[found.start() : tag.end() + 1]
    return ""


@cache
def _style() -> str:
    """Return the rules for charts in the colours of the light scheme."""
    sheet = assets()["style.css"].decode()
    light: dict[str, str] = {}
    for name, value in _TOKEN.findall(sheet):
        light.setdefault(name, value)
    text = "".join(_RULE.findall(sheet))
    return re.sub(r"var\((--[\w-]+)\)", lambda at: light.get(at[1], "currentColor"), text)


async def ask(app: ASGIApp, address: str, accept: bytes) -> tuple[int, bytes]:
    """Return the status and the body of an application's answer; one redirect is followed."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/{unquote(path)}",
        "raw_path": f"/{path}".encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"accept", accept)],
        "app": app,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except RefusalError as refusal:
        return refusal.status, refusal.what.encode()
    except HTTPException as fault:
        return fault.status_code, fault.detail.encode()
    if sent[0]["status"] == 302:
        location = dict(sent[0]["headers"])[b"location"].decode()
        return await ask(app, location.rpartition("/")[2], accept)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent)
