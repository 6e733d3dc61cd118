"""The screen of the business's books: in force, tried, saved, refused, loaded again."""

import json

import pytest
from sqlalchemy import text

BOOKS = ("sla", "calendars", "routing", "duplicates")
_OWN = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20270104\r\nSUMMARY:盘点\r\nEND:VEVENT\r\n"
_FILE = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{_OWN}END:VCALENDAR\r\n"


@pytest.fixture
def boss(house):
    """A lead; afterwards the books stand as they stood."""
    with house.services.database.reading() as session:
        before = {tuple(row) for row in session.execute(text("SELECT book, version FROM book_editions"))}
    yield house.client("gao.yuan")
    with house.services.database.transaction() as session:
        rows = {tuple(row) for row in session.execute(text("SELECT book, version FROM book_editions"))}
        for book, version in rows - before:
            session.execute(
                text("DELETE FROM book_editions WHERE book = :b AND version = :v"), {"b": book, "v": version}
            )
    house.services.desk.books._parsed.clear()


def _in_force(house, book: str) -> tuple[int, str]:
    from api.shelves import SHELVES, written

    with house.services.database.reading() as session:
        edition = house.services.desk.books.current(session, SHELVES[book].book)
    return edition.version, written(edition.body)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("book", BOOKS)
def test_a_book_is_shown_in_words_with_its_text(house, book: str, lang: str) -> None:
    """SL-01, RT-03, DM-04: each in both languages, for who keeps the rules."""
    shown = house.client("gao.yuan", lang).get(f"/admin/books/{book}")

    assert shown.status_code == 200
    assert "<textarea" in shown.text
    assert house.client("he.qing").get(f"/admin/books/{book}").status_code == 403


@pytest.mark.parametrize("book", BOOKS)
def test_what_is_in_force_can_be_tried_and_saved_again(house, boss, book: str) -> None:
    version, words = _in_force(house, book)

    tried = boss.post(f"/admin/books/{book}", data={"text": words, "base_version": version, "do": "try"})
    saved = boss.post(
        f"/admin/books/{book}",
        data={"text": words, "base_version": version, "do": "save", "note": "照旧"},
        follow_redirects=False,
    )

    assert (tried.status_code, saved.status_code) == (200, 303)
    assert 'id="book-fine"' in tried.text
    assert _in_force(house, book)[0] == version + 1
    assert "照旧" in boss.get(f"/admin/books/{book}").text


def test_trying_says_what_would_move_and_changes_nothing(house, boss) -> None:
    version, words = _in_force(house, "sla")
    levels = json.loads(words)
    for policy in levels["policies"]:
        policy["resolve"]["minutes"] += 60

    tried = boss.post("/admin/books/sla", data={"text": json.dumps(levels), "base_version": version, "do": "try"}).text

    assert "时限会变化" in tried
    assert _in_force(house, "sla") == (version, words)


@pytest.mark.parametrize(
    ("book", "words", "place"),
    [
        ("sla", "{", "1:2"),
        ("sla", "[]", "JSON"),
        ("sla", '{"colour": 1}', "colour"),
        ("calendars", '{"calendars": [{"name": "a", "zh": "a", "en": "a", "week": {}}]}', "没有任何工作时间"),
        ("routing", '{"rules": [{"group": "nobody"}]}', "nobody"),
        ("duplicates", '{"window_hours": 0}', "window_hours"),
    ],
)
def test_what_is_refused_is_named_and_stays_as_it_was_typed(house, boss, book: str, words: str, place: str) -> None:
    version, before = _in_force(house, book)

    refused = boss.post(f"/admin/books/{book}", data={"text": words, "base_version": version, "do": "save"})

    assert refused.status_code == 422
    assert place in refused.text
    assert words in refused.text.replace("&#34;", '"')
    assert _in_force(house, book) == (version, before)


def test_the_second_of_two_editors_is_told(house, boss) -> None:
    version, words = _in_force(house, "duplicates")
    data = {"text": words, "base_version": version, "do": "save"}
    boss.post("/admin/books/duplicates", data=data, follow_redirects=False)

    second = boss.post("/admin/books/duplicates", data=data)

    assert second.status_code == 422
    assert "已有更新的版本" in second.text


def test_the_sources_own_levels_can_be_begun_from(house) -> None:
    """SL-02, SL-03, SL-04."""
    client = house.client("gao.yuan")

    for name, key in (("s0", "P1"), ("s2", "urgent"), ("s4", "P0")):
        assert f"&#34;key&#34;: &#34;{key}&#34;" in client.get(f"/admin/books/sla?start={name}").text


def test_days_off_of_a_calendar_file_are_written_into_the_text_and_not_saved(house, boss) -> None:
    """SL-06: what a company exports from its own calendar."""
    version, words = _in_force(house, "calendars")
    name = json.loads(words)["calendars"][0]["name"]
    data = {"name": name, "base_version": version}

    taken = boss.post("/admin/books/calendars/file", data=data, files={"file": ("a.ics", _FILE, "text/calendar")})
    refused = boss.post("/admin/books/calendars/file", data=data, files={"file": ("a.ics", "x", "text/calendar")})

    assert "2027-01-04" in taken.text
    assert (refused.status_code, "不是日历文件" in refused.text) == (422, True)
    assert _in_force(house, "calendars") == (version, words)


def test_due_times_can_be_asked_to_be_computed_anew(house, boss) -> None:
    asked = boss.post("/admin/books/sla/anew", follow_redirects=False)

    assert asked.status_code == 303
    house.talk().worker.drain()
