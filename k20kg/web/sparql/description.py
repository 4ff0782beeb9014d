"""The SPARQL 1.1 Service Description of our endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k20kg.web.http.formats import format_of
from k20kg.web.linkeddata.void import describe_service
from k20kg.web.serializer import write

if TYPE_CHECKING:
    from k20kg.web.pages import Site


def describe(site: Site, key: str) -> bytes:
    """Return what the endpoint says of itself, in a format by its key."""
    form, address = format_of(key), site.links.absolute("sparql")
    assert form
    return write(describe_service(site.dataset, address), form, topic=address)
