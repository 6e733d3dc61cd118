"""Errors as problem+json (RFC 9457) in the user's language; pages get a small HTML page instead."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from api.policies import SignInRequired
from api.reasons import issues_of, kind_of
from kit.errors import ErrorKind, JiedaiError

_log = structlog.get_logger(__name__)

STATUS: dict[ErrorKind, HTTPStatus] = {
    ErrorKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorKind.CONFLICT: HTTPStatus.CONFLICT,
    ErrorKind.STALE: HTTPStatus.PRECONDITION_FAILED,
    ErrorKind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorKind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ErrorKind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorKind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorKind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorKind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}

_AGAIN_LATER = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}
_RETRY_AFTER_SECONDS = 2


def language_of_request(request: Request) -> str:
    """Return ``zh`` or ``en`` by the page's own choice (cookie), else by ``Accept-Language``; Chinese first."""
    chosen = request.cookies.get("jiedai_lang")
    if chosen in {"zh", "en"}:
        return chosen
    accepted = request.headers.get("accept-language", "zh").lower()
    return "en" if accepted.startswith("en") else "zh"


def problem(
    status: HTTPStatus,
    code: str,
    title: str,
    *,
    field: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    again: bool = False,
) -> JSONResponse:
    """Return a problem document: ``kind`` is a stable word, ``title`` a sentence for people, ``errors`` each place."""
    body: dict[str, object] = {"type": "about:blank", "status": int(status), "kind": code, "title": title}
    if field:
        body["field"] = field
    if errors:
        body["errors"] = errors
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if again or status in _AGAIN_LATER else None
    return JSONResponse(body, status_code=int(status), media_type="application/problem+json", headers=headers)


def install_problem_handlers(app: FastAPI) -> None:
    """Turn every failure into a clear answer; never a traceback."""
    app.add_exception_handler(JiedaiError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _expected(request: Request, error: Exception) -> Response:
    assert isinstance(error, JiedaiError)
    if isinstance(error, SignInRequired) and _wants_page(request):
        return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", status_code=HTTPStatus.SEE_OTHER)
    lang = language_of_request(request)
    errors = [{"field": i.field, "reason": i.reason_zh if lang == "zh" else i.reason_en} for i in error.issues]
    status, title = STATUS[error.kind], error.message(lang)
    return _answer(request, status, error.code, title, field=error.field, errors=errors, again=error.passing)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    zh = language_of_request(request) == "zh"
    places = [(kind_of(one), issue) for one, issue in zip(found, issues_of(found), strict=True)]
    errors = [
        {"field": issue.field, "kind": kind, "reason": issue.reason_zh if zh else issue.reason_en}
        for kind, issue in places
    ]
    field = errors[0]["field"]
    title = f"「{field}」{errors[0]['reason']}" if zh else f"{field!r} {errors[0]['reason']}"
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", title, field=field, errors=errors)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    zh = {HTTPStatus.NOT_FOUND: "页面不存在", HTTPStatus.METHOD_NOT_ALLOWED: "不支持这种请求"}
    title = zh.get(status, "请求无法处理") if language_of_request(request) == "zh" else status.phrase
    return _answer(request, status, status.name.lower(), title)


def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("api.request.failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    zh = language_of_request(request) == "zh"
    title = "服务出错了，已记录，请稍后重试" if zh else "Something went wrong; it has been recorded. Please try again"
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", title)


def _answer(
    request: Request,
    status: HTTPStatus,
    code: str,
    title: str,
    *,
    field: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    again: bool = False,
) -> Response:
    """Answer a browser that goes to an address with a page, everything else with a problem document."""
    if not _wants_page(request):
        return problem(status, code, title, field=field, errors=errors, again=again)
    from api.rendering import page  # the pages take their language from here

    return page(request, "problem.html", status_code=status, status=int(status), title=title)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and request.method == "GET"
