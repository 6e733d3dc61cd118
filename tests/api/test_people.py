"""The screen of staff and tokens, its JSON twin, and one's own account."""

import re
from itertools import count

import pytest

from api.rendering import texts

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
JSON = {"accept": "application/json"}
_ids = count(1)


def _add(house, role: str = "agent", **more: object) -> tuple[str, str]:
    """Add somebody by JSON; return user name and password."""
    username = f"person{next(_ids)}"
    body = {"username": username, "name": "新人", "role": role, "group": "repair", **more}
    answer = house.client("admin").post("/api/admin/people", json=body, headers=JSON)
    assert answer.status_code == 201, answer.text
    return username, answer.json()["password"]


def _sign_in(house, username: str, password: str):
    client = house.client()
    answer = client.post("/session", data={"username": username, "password": password}, follow_redirects=False)
    return client, answer.status_code == 303


class TestApi:
    def test_somebody_is_added_and_signs_in(self, house) -> None:
        """SE-01."""
        username, password = _add(house)

        client, inside = _sign_in(house, username, password)

        assert inside
        assert client.get("/desk").status_code == 200
        listed = house.client("admin").get("/api/admin/people", headers=JSON).json()
        assert username in {person["username"] for person in listed["people"]}
        assert password not in str(listed)
        assert "work" in listed["roles"]["agent"]

    def test_a_change_holds_at_once(self, house) -> None:
        """SE-01."""
        username, password = _add(house)
        client, _ = _sign_in(house, username, password)
        assert client.get("/quality").status_code == 403

        body = {"name": "新人", "role": "qa", "group": None, "lines": ["washer"]}
        changed = house.client("admin").post(f"/api/admin/people/{username}", json=body, headers=JSON).json()

        assert client.get("/quality").status_code == 200
        assert (changed["role"], changed["group_id"], changed["lines"]) == ("qa", None, ["washer"])

    def test_letting_go_signs_out_at_once(self, house) -> None:
        username, password = _add(house)
        client, _ = _sign_in(house, username, password)

        house.client("admin").post(f"/api/admin/people/{username}/deactivate", headers=JSON)

        assert client.get("/api/desk/tickets", headers=JSON).status_code == 401
        assert not _sign_in(house, username, password)[1]
        house.client("admin").post(f"/api/admin/people/{username}/activate", headers=JSON)
        assert _sign_in(house, username, password)[1]

    def test_the_last_administrator_cannot_be_let_go(self, house) -> None:
        with house.services.database.transaction() as session:
            for person in house.services.people.people(session):  # other modules' administrators
                if person.role == "admin" and person.username != "admin":
                    house.services.people.deactivate(session, person.username, "admin")

        answer = house.client("admin").post("/api/admin/people/admin/deactivate", headers=JSON)

        assert (answer.status_code, answer.json()["kind"]) == (409, "last_administrator")

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"username": "He Qing", "name": "x", "role": "agent"}, 422),
            ({"username": "he.qing", "name": "x", "role": "agent"}, 409),
            ({"username": "neu", "name": "x", "role": "king"}, 422),
            ({"username": "neu", "name": "x", "role": "agent", "group": "nowhere"}, 422),
            ({"username": "neu", "name": "x", "role": "agent", "lines": ["boat"]}, 422),
            ({"username": "neu", "name": "x", "role": "agent", "password": "password123"}, 422),
            ({"username": "neu", "name": "x", "role": "agent", "more": 1}, 422),
        ],
    )
    def test_bad_input_is_a_problem(self, house, body: dict[str, object], status: int) -> None:
        answer = house.client("admin").post("/api/admin/people", json=body, headers=JSON)

        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("application/problem+json")

    def test_a_tokens_secret_is_in_one_answer_and_in_no_other(self, house) -> None:
        admin = house.client("admin")
        body = {"username": "gao.yuan", "name": "BI", "scopes": ["read_reports"]}

        made = admin.post("/api/admin/tokens", json=body, headers=JSON).json()

        assert made["secret"].startswith("jd_")
        assert made["secret"] not in admin.get("/api/admin/tokens", headers=JSON).text
        program = {**JSON, "authorization": f"Bearer {made['secret']}"}
        assert house.client().get("/api/reports/overview", headers=program).status_code == 200
        admin.post(f"/api/admin/tokens/{made['id']}/revoke", headers=JSON)
        assert house.client().get("/api/reports/overview", headers=program).status_code == 401

    def test_a_token_wider_than_its_owner_is_refused(self, house) -> None:
        body = {"username": "he.qing", "name": "x", "scopes": ["read_audit"]}

        answer = house.client("admin").post("/api/admin/tokens", json=body, headers=JSON)

        assert (answer.status_code, answer.json()["kind"]) == (422, "scope_too_wide")


class TestPage:
    @BOTH
    def test_adding_shows_the_password_once(self, house, lang: str) -> None:
        admin, username = house.client("admin", lang), f"person{next(_ids)}"
        form = {"username": username, "name": "林 <b>", "role": "finance", "group": "refund", "line": ["washer", "tv"]}

        shown = admin.post("/admin/people", data=form).text

        (password,) = re.findall(r"<code>([\w-]{16})</code></p></div>", shown)
        assert _sign_in(house, username, password)[1]
        again = admin.get("/admin/people").text
        assert password not in again
        assert "林 &lt;b&gt;" in again
        assert texts(lang)["staff_finance"] in again

    @BOTH
    def test_a_refusal_is_said_and_what_was_typed_stays(self, house, lang: str) -> None:
        form = {"username": "No Name", "name": "某人", "role": "qa", "group": "repair", "line": "washer"}

        answer = house.client("admin", lang).post("/admin/people", data=form)

        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert 'value="No Name"' in answer.text
        assert re.search(r'<option value="qa" selected', answer.text)

    def test_changing_resetting_and_letting_go(self, house) -> None:
        username, password = _add(house)
        admin = house.client("admin")
        assert 'id="change"' in admin.get(f"/admin/people?of={username}").text
        form = {"name": "改名", "role": "lead", "group": "", "line": ["*"]}

        admin.post(f"/admin/people/{username}", data=form)
        shown = admin.post(f"/admin/people/{username}/reset-password").text

        (made,) = re.findall(r"<code>([\w-]{16})</code></p></div>", shown)
        assert not _sign_in(house, username, password)[1]
        client, inside = _sign_in(house, username, made)
        assert inside
        assert "改名" in client.get("/desk").text
        assert texts("zh")["people_inactive"] in admin.post(f"/admin/people/{username}/deactivate").text

    @BOTH
    def test_a_token_is_made_and_revoked(self, house, lang: str) -> None:
        admin = house.client("admin", lang)
        form = {"owner": "gao.yuan", "purpose": "报表机器人", "scope": ["read_reports"], "expires": "2030-01-01"}

        shown = admin.post("/admin/tokens", data=form).text

        assert re.search(r"<code>jd_[\w-]{43}</code>", shown)
        assert "jd_" not in admin.get("/admin/people").text
        token = re.findall(r"/admin/tokens/([0-9a-f-]{36})/revoke", shown)[0]
        admin.post(f"/admin/tokens/{token}/revoke")
        assert token not in admin.get("/admin/people").text

    @pytest.mark.parametrize(
        "form",
        [
            {"owner": "gao.yuan", "purpose": "x"},
            {"owner": "gao.yuan", "purpose": " ", "scope": "work"},
            {"owner": "gao.yuan", "purpose": "x", "scope": "work", "expires": "2020-01-01"},
            {"owner": "gao.yuan", "purpose": "x", "scope": "work", "expires": "2030-02-31"},
            {"owner": "nobody", "purpose": "x", "scope": "work"},
        ],
    )
    def test_a_token_that_cannot_be_is_refused_in_words(self, house, form: dict[str, str]) -> None:
        answer = house.client("admin").post("/admin/tokens", data=form)

        assert answer.status_code in {404, 422}
        assert 'id="people-error"' in answer.text


class TestAccount:
    @BOTH
    def test_the_own_password_is_changed_and_asked_for(self, house, lang: str) -> None:
        username, password = _add(house)
        client, _ = _sign_in(house, username, password)
        client.cookies.set("jiedai_lang", lang)
        refused = client.post("/account/password", data={"old": "no", "new": "a new good one"})
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)

        answer = client.post("/account/password", data={"old": password, "new": "a new good one"})

        assert answer.url.path == "/sign-in"
        assert not _sign_in(house, username, password)[1]
        assert _sign_in(house, username, "a new good one")[1]

    def test_everybody_has_an_account(self, house) -> None:
        for user in ("he.qing", "shen.lu", "gao.yuan", "admin"):
            assert texts("zh")["account_old"] in house.client(user).get("/account").text
