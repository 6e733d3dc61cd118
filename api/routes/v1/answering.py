"""How the public API answers: validated bodies, versions as ETags, and the first answer again to a repeated key."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from api.wiring import Services
from kit.db import Session
from kit.idempotency.service import KeptAnswer, asked
from tickets.errors import TicketChanged, TicketStale
from tickets.schemas import StaffMember, Ticket

_JSON = "application/json"
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read.",
    HTTPStatus.UNAUTHORIZED: "No token, or one that is not in force.",
    HTTPStatus.FORBIDDEN: "The token's scopes or its owner's role do not allow this.",
    HTTPStatus.NOT_FOUND: "It does not exist, or not for the caller.",
    HTTPStatus.CONFLICT: "As things stand this cannot be done; `kind` says why.",
    HTTPStatus.PRECONDITION_FAILED: "`If-Match` names a version that is no longer the newest.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something in the request is wrong; `errors` names every place.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not now; `Retry-After` says when to ask again.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    int(status): {
        "description": words,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, words in _REFUSALS.items()
}
"""What every operation may refuse with."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a changing request leads to.

    Attributes:
        person_id: Whose key seals the answer while it is kept.
    """

    body: BaseModel
    person_id: str
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """A changing request and its conditions, as its headers have them."""

    method: str
    path: str
    key: str | None
    if_match: str | None


def caller_of(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(description="Any text of your own, new for each change: the same key again gets the first answer."),
    ] = None,
    if_match: Annotated[
        str | None, Header(description="The `ETag` you read: the change is refused (412) where it is no longer that.")
    ] = None,
) -> Caller:
    """Return the headers that a changing request may carry."""
    return Caller(request.method, request.url.path, idempotency_key, if_match)


CallerOf = Annotated[Caller, Depends(caller_of)]
IfNoneMatch = Annotated[
    str | None, Header(description="The `ETag` you have: 304 and no body where it is still that version.")
]


def etag_of(ticket: Ticket) -> str:
    """Return a ticket's version as an entity tag; it changes with everything that its timeline tells of."""
    return f'"{ticket.summary.number}-{ticket.summary.version}"'


def check_version(caller: Caller, ticket: Ticket) -> None:
    """Refuse a change of another version than the caller read.

    Raises:
        TicketStale: ``If-Match`` names another version.
    """
    if caller.if_match is not None and not _names(caller.if_match, etag_of(ticket)):
        raise TicketStale


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Tell whether the reader has this version already."""
    return if_none_match is not None and _names(if_none_match, etag)


def etag_of_body(body: str) -> str:
    """Return an entity tag of something that has no version: its own hash."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def shown(model: BaseModel, if_none_match: str | None = None, *, etag: str = "") -> Response:
    """Answer a reading request; 304 where the reader has it already."""
    body = model.model_dump_json(by_alias=True)
    etag = etag or etag_of_body(body)
    if is_known(if_none_match, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    return Response(body, media_type=_JSON, headers={"ETag": etag})


def done(
    services: Services, member: StaffMember, caller: Caller, body: BaseModel | None, act: Callable[[Session], Answer]
) -> Response:
    """Do what was asked, in one transaction; with an idempotency key at most once within a day.

    Args:
        services: The house.
        member: Who asks; another person's equal key is another key.
        caller: The request's conditions.
        body: What was asked, as it was understood.
        act: Does it and says what to answer.

    Raises:
        KeyUnusable, KeyReused, KeyInUse: See ``kit.idempotency``.
        TicketStale: ``If-Match`` was given, and somebody else changed the ticket in the same moment.
    """
    if caller.key is None:
        with services.database.transaction() as session:
            return _response(_kept(_act(caller, act, session)))
    keeper, text = services.desk.answers, body.model_dump_json() if body is not None else ""
    wanted = asked(f"{member.username}:{member.token}", caller.key, caller.method, caller.path, text)
    with keeper.alone(wanted), services.database.transaction() as session:
        known = keeper.recall(session, wanted)
        if known is not None:
            return _response(known, {"Idempotency-Replayed": "true"})
        kept = _kept(_act(caller, act, session))
        keeper.keep(session, wanted, kept)
        return _response(kept)


def _act(caller: Caller, act: Callable[[Session], Answer], session: Session) -> Answer:
    try:
        return act(session)
    except TicketChanged as error:
        if caller.if_match is None:
            raise
        raise TicketStale from error


def _kept(answer: Answer) -> KeptAnswer:
    return KeptAnswer(answer.status, answer.body.model_dump_json(by_alias=True), answer.person_id, answer.headers)


def _response(kept: KeptAnswer, extra: Mapping[str, str] | None = None) -> Response:
    return Response(kept.body, kept.status, {**kept.headers, **(extra or {})}, _JSON)


def _names(header: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or etag in tags
