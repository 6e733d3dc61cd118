"""Who may call what: every route declares a policy, and the policies hold."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import create_app
from api.policies import POLICIES, anyone, customer

FILLED = {
    "number": "1001",
    "conversation_id": "01a20130-0000-7000-8000-000000000000",
    "attachment_id": "01a20130-0000-7000-8000-000000000001",
    "passage_id": "x@1#0",
    "suggestion_id": "01a20130-0000-7000-8000-000000000002",
    "finding_id": "01a20130-0000-7000-8000-000000000003",
    "part": "thread",
    "job_id": "01a20130-0000-7000-8000-000000000004",
    "decision": "retry",
    "endpoint_id": "01a20130-0000-7000-8000-000000000005",
    "delivery_id": "01a20130-0000-7000-8000-000000000006",
    "act": "pause",
    "view_id": "01a20130-0000-7000-8000-000000000007",
    "view_act": "delete",
}
PAGES_OF_QUALITY = ("/quality", "/reports")


def _calls(dependant: Dependant) -> Iterator[Callable[..., object]]:
    for part in dependant.dependencies:
        if part.call is not None:
            yield part.call
        yield from _calls(part)


def _routes(house) -> list[APIRoute]:
    return list(_flat(create_app(house.services, with_worker=False).routes))


def _flat(routes) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)  # FastAPI keeps a router whole where it is included
        if isinstance(route, APIRoute):
            yield route
        elif included is not None:
            yield from _flat(included.routes)
        else:
            assert getattr(route, "name", "") == "static", route


def _policy(route: APIRoute) -> Callable[..., object] | None:
    return next((call for call in _calls(route.dependant) if call in POLICIES), None)


def _path(route: APIRoute) -> str:
    path = route.path.replace(":path}", "}")
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    return path


def _of_staff(house) -> list[tuple[str, str, APIRoute]]:
    return [
        (method, _path(route), route)
        for route in _routes(house)
        if _policy(route) not in {anyone, customer}
        for method in sorted(route.methods - {"HEAD"})
    ]


def test_every_route_declares_a_policy(house) -> None:
    """A08."""
    routes = _routes(house)

    assert len(routes) > 30  # it did look
    assert [f"{sorted(r.methods)} {r.path}" for r in routes if _policy(r) is None] == []


def test_nobody_gets_into_a_staff_route_without_signing_in(house) -> None:
    """A08."""
    client = house.client()
    json = {"accept": "application/json"}
    answers = {
        (method, path): client.request(method, path, headers=json).status_code for method, path, _ in _of_staff(house)
    }

    assert len(answers) > 15
    assert {key: status for key, status in answers.items() if status != 401} == {}


def test_a_browser_without_a_session_is_sent_to_sign_in_and_back(house) -> None:
    answer = house.client().get("/desk/tickets/1001", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/desk/tickets/1001")


def test_an_agent_gets_into_no_quality_route(house) -> None:
    """A08."""
    client = house.client("he.qing")
    gated = [
        (method, path)
        for method, path, _ in _of_staff(house)
        if path.startswith(("/api/quality", "/api/reports", *PAGES_OF_QUALITY))
    ]

    assert len(gated) >= 5
    assert {(m, p): client.request(m, p).status_code for m, p in gated} == dict.fromkeys(gated, 403)


@pytest.mark.parametrize("user", ["he.qing", "shen.lu"])
def test_only_leads_and_administrators_get_into_the_job_routes(house, user: str) -> None:
    """A08."""
    client = house.client(user)
    gated = [(method, path) for method, path, _ in _of_staff(house) if path.startswith(("/admin", "/api/admin"))]

    assert len(gated) >= 7
    assert {(m, p): client.request(m, p).status_code for m, p in gated} == dict.fromkeys(gated, 403)


@pytest.mark.parametrize("user", ["shen.lu", "gao.yuan", "admin"])
def test_quality_staff_get_in(house, user: str) -> None:
    assert house.client(user).get("/quality").status_code == 200


def test_a_customers_token_opens_its_own_conversation_only(house) -> None:
    """A11: another's is not found, so that nobody learns that it exists."""
    client = house.client()
    mine, theirs = (_opened(client) for _ in range(2))
    bearer = {"authorization": f"Bearer {mine['token']}"}
    base = "/api/chat/conversations"

    assert client.get(f"{base}/{mine['conversation_id']}/messages", headers=bearer).status_code == 200
    client.cookies.clear()
    parts = ("messages", "events", "attachments/01a20130-0000-7000-8000-000000000001")
    answers = {part: client.get(f"{base}/{theirs['conversation_id']}/{part}", headers=bearer) for part in parts}
    assert {part: answer.status_code for part, answer in answers.items()} == dict.fromkeys(parts, 404)


def test_without_a_token_a_conversation_is_not_found(house) -> None:
    """A11."""
    client = house.client()
    opened = _opened(client)
    client.cookies.clear()

    path = f"/api/chat/conversations/{opened['conversation_id']}/messages"
    assert client.get(path).status_code == 404
    assert client.post(path, json={"id": "12345678", "text": "hi"}).status_code == 404


def test_a_foreign_origin_changes_nothing(house) -> None:
    """A17: on every route that changes something, staff's and customers'."""
    client = house.client("gao.yuan")
    changing = [_path(route) for route in _routes(house) for method in route.methods if method not in {"GET", "HEAD"}]

    assert len(changing) > 12
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        answers = {path: client.post(path, headers=headers).status_code for path in changing}
        assert {path: status for path, status in answers.items() if status != 403} == {}, headers


def test_our_own_origin_passes(house) -> None:
    client = house.client()

    answer = client.post("/language", data={"lang": "en", "next": "/chat"}, headers={"origin": "http://shop.example"})

    assert answer.status_code == 200


def test_signing_out_ends_the_session_on_the_server(house) -> None:
    client = house.client("he.qing")
    token = client.cookies["jiedai_staff"]
    client.post("/session/end")
    client.cookies.set("jiedai_staff", token)

    assert client.get("/api/desk/tickets", headers={"accept": "application/json"}).status_code == 401


def _opened(client) -> dict[str, str]:
    answer = client.post("/api/chat/conversations", json={"visitor": "visitor-12345", "lang": "zh"})
    assert answer.status_code == 201
    body: dict[str, str] = answer.json()
    return body
