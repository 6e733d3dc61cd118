"""The document of the public API: OpenAPI for programs, a page for people; both made from the routes themselves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from api.policies import Anyone
from api.rendering import page
from api.routes.v1 import conversations, desk, tickets, work
from api.routes.v1.shapes import Problem

router = APIRouter(prefix="/api/v1", tags=["document"])
VERSION = "1.0.0"
_ABOUT = """Tickets, conversations and what belongs to them.

Send `Authorization: Bearer jd_…`; a token acts for its owner, with the scopes it was given. Changes may carry an
`Idempotency-Key` (the same key again gets the first answer, for 24 hours) and `If-Match` (412 where the ticket has
changed since). Refusals are `application/problem+json`; `Accept-Language` chooses Chinese or English."""
_SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter or a field of a body, as the page shows it."""

    name: str
    place: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    body: tuple[Parameter, ...]
    example: str
    answers: tuple[tuple[str, str], ...]


@cache
def openapi() -> dict[str, Any]:
    """Return the document; it is the same for everybody, since rights are asked for with each call."""
    app = FastAPI(title="Jiedai API", version=VERSION, description=_ABOUT)
    for module in (tickets, work, conversations, desk):
        app.include_router(module.router)
    document = app.openapi()
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    return document


@cache
def operations() -> tuple[Operation, ...]:
    """Return what the page shows, in the order of the document."""
    document = openapi()
    return tuple(
        _operation(document, path, method, spec)
        for path, methods in document["paths"].items()
        for method, spec in methods.items()
    )


@router.get("/openapi.json", include_in_schema=False)
def get_document(_: Anyone) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(openapi())


@router.get("/docs", include_in_schema=False)
def get_docs(request: Request, _: Anyone) -> Response:
    """Show the document to people."""
    return page(request, "api_docs.html", operations=operations(), about=_ABOUT, version=VERSION)


def _operation(document: Mapping[str, Any], path: str, method: str, spec: Mapping[str, Any]) -> Operation:
    schema = spec.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = _resolved(document, next((s for s in schema.get("anyOf", []) if "$ref" in s), schema))
    examples = schema.get("examples", [])
    example = json.dumps(examples[0], ensure_ascii=False, indent=2) if examples else ""
    return Operation(
        anchor=spec["operationId"],
        method=method.upper(),
        path=path,
        summary=spec["summary"],
        description=spec.get("description", ""),
        parameters=tuple(_parameters(spec.get("parameters", []))),
        body=tuple(_fields(schema)),
        example=example,
        answers=tuple((code, answer["description"]) for code, answer in spec["responses"].items()),
    )


def _parameters(found: list[dict[str, Any]]) -> Iterator[Parameter]:
    for one in found:
        words = one.get("description") or one["schema"].get("description", "")
        yield Parameter(one["name"], one["in"], _kind(one["schema"]), one["required"], words)


def _fields(schema: Mapping[str, Any]) -> Iterator[Parameter]:
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        yield Parameter(name, "body", _kind(field), name in required, field.get("description", ""))


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_SCHEMAS)
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    words = schema.get("format") or schema.get("type", "any")
    return " | ".join(map(str, schema["enum"])) if "enum" in schema else str(words)


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].removeprefix(_SCHEMAS)]
    return found
