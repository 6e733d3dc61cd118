"""A posted page of a form: its texts and files, turned into the values that the checker reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from api.wiring import Services
from kit.errors import Issue, JiedaiError
from tickets.forms.reading import MOST_FILES
from tickets.forms.schemas import MEDIA, Kind, Template
from tickets.lifecycle.schemas import Doer
from tickets.schemas import IncomingFile

PREFIX = "f."
"""Begins the name of every field of a template on a page, so that it is none of the page's own."""

_MAX_FIELDS, _MAX_BYTES = 400, 10_000_000
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Posted:
    """What a page sent.

    Attributes:
        texts: Field of the template → what was typed or chosen.
        own: The page's own fields.
        files: Field of the template and file.
    """

    texts: Mapping[str, list[str]]
    own: Mapping[str, str]
    files: tuple[tuple[str, IncomingFile], ...]


async def posted(request: Request) -> Posted:
    """Read a page's post; the guard before it has bounded its size."""
    texts: dict[str, list[str]] = {}
    own: dict[str, str] = {}
    files: list[tuple[str, IncomingFile]] = []
    async with request.form(max_files=4 * MOST_FILES, max_fields=_MAX_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read(_MAX_BYTES + 1)
                if value.filename or content:
                    kind = value.content_type or "application/octet-stream"
                    files.append((name.removeprefix(PREFIX), IncomingFile(value.filename or "file", kind, content)))
            elif name.startswith(PREFIX):
                texts.setdefault(name.removeprefix(PREFIX), []).append(value)
            else:
                own[name] = value
    return Posted(texts, own, tuple(files))


PostedOf = Annotated[Posted, Depends(posted)]


def values_of(template: Template, texts: Mapping[str, list[str]]) -> dict[str, object]:
    """Return typed texts as the values of a form; what is no number stays a text, for the checker to say so.

    An empty secure field is left out: the page never holds its value, so empty means unchanged.
    """
    values: dict[str, object] = {}
    for name, said in texts.items():
        place = template.field(name)
        filled = [text for text in said if text.strip()]
        if place is not None and place.kind in MEDIA | {Kind.MULTI_CHOICE}:
            values[name] = filled
        elif filled:
            values[name] = _number(filled[0]) if place is not None and place.kind is Kind.NUMBER else filled[0]
        elif place is None or not place.secure:
            values[name] = ""
    return values


def _number(text: str) -> object:
    clean = text.strip()
    if not _NUMBER.fullmatch(clean):
        return clean
    return float(clean) if "." in clean else int(clean)


def keep_files(
    services: Services, ticket_id: str, sent: Posted, doer: Doer
) -> tuple[dict[str, list[str]], list[Issue]]:
    """Store what was uploaded, each file by itself: what is right needn't be sent again when something else is wrong.

    Returns:
        The texts with the new files' ids, and what was refused.
    """
    texts = {name: list(said) for name, said in sent.texts.items()}
    refused: list[Issue] = []
    for name, file in sent.files:
        try:
            with services.database.transaction() as session:
                stored = services.desk.forms.add_file(session, ticket_id, name, file, doer)
        except JiedaiError as error:
            refused.append(Issue(name, error.message_zh, error.message_en))
        else:
            texts.setdefault(name, []).append(stored.id)
    return texts, refused
