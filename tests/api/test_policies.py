"""Who may call what: every route declares a policy, and the policies hold."""

import pytest
from harness_routes import of_staff, path_of, policy_of, routes_of

PAGES_OF_QUALITY = ("/quality", "/reports")


def test_every_route_declares_apolicy_of(house) -> None:
    """A08."""
    routes = routes_of(house)

    assert len(routes) > 30  # it did look
    assert [f"{sorted(r.methods)} {r.path}" for r in routes if policy_of(r) is None] == []


def test_nobody_gets_into_a_staff_route_without_signing_in(house) -> None:
    """A08."""
    client = house.client()
    json = {"accept": "application/json"}
    answers = {
        (method, path): client.request(method, path, headers=json).status_code for method, path, _ in of_staff(house)
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
        for method, path, _ in of_staff(house)
        if path.startswith(("/api/quality", "/api/reports", *PAGES_OF_QUALITY))
    ]

    assert len(gated) >= 5
    assert {(m, p): client.request(m, p).status_code for m, p in gated} == dict.fromkeys(gated, 403)


@pytest.mark.parametrize("user", ["he.qing", "shen.lu"])
def test_only_leads_and_administrators_get_into_the_jobroutes_of(house, user: str) -> None:
    """A08."""
    client = house.client(user)
    gated = [(method, path) for method, path, _ in of_staff(house) if path.startswith(("/admin", "/api/admin"))]

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
    changing = [
        (method, path_of(route))
        for route in routes_of(house)
        for method in route.methods
        if method not in {"GET", "HEAD"}
    ]

    assert len(changing) > 12
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        answers = {call: client.request(*call, headers=headers).status_code for call in changing}
        assert {call: status for call, status in answers.items() if status != 403} == {}, headers


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
