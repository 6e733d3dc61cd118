"""Search: Chinese phrases and their parts, codes, models, orders, full-width forms; and that no word is stored."""

import pytest
from sqlalchemy import text

from factories import Store, incoming, make_draft, open_conversation
from kit.crypto import Vault
from kit.db import Session
from tickets.lists.schemas import Filter, ListQuery, Sort
from tickets.lists.service import ListService
from tickets.lists.terms import asked_words, hashed, stored_words
from tickets.schemas import Ticket, TicketDraft

ORDER = "LT20261103004821"


def _ticket(store: Store, session: Session, title: str, description: str = "", *said: str) -> Ticket:
    conversation_id = open_conversation(store, session)
    for message in said:
        store.conversations.receive(session, conversation_id, incoming(message))
    case = store.cases.current(session, conversation_id, first_seq=1)
    plain = make_draft(conversation_id, case.id)
    draft = TicketDraft(case.id, conversation_id, title, description, plain.fields)
    return store.tickets.file(session, draft, "customer")


def _found(lists: ListService, session: Session, words: str, sort: Sort = Sort.NEWEST) -> list[int]:
    page = lists.page(session, ListQuery(Filter(text=words), sort))
    return [line.ticket.number for line in page.lines]


@pytest.mark.parametrize(
    "words",
    [
        "漏水",
        "水",
        "滚筒漏",
        "洗衣机滚筒漏水",
        "漏水 E3",
        "E3",
        "e3",
        "Ｅ３",
        "WX75G",
        "wx75",
        "WX-75G",
        "ＷＸ７５Ｇ",
        ORDER,
        ORDER.lower(),
        "昨天晚上",
        "邻居家",
    ],
)
def test_a_ticket_is_found_by(store: Store, lists: ListService, words: str) -> None:
    """Title, description, order number, model, code and the customer's own words."""
    with store.database.transaction() as session:
        ticket = _ticket(store, session, "洗衣机滚筒漏水", "WX75G 显示E3，昨天晚上开始")
        lists.index(session, ticket, ["水流到邻居家了"])
        other = _ticket(store, session, "电视黑屏")
        lists.index(session, other)

        assert _found(lists, session, words)[-1:] == [ticket.summary.number]


@pytest.mark.parametrize("words", ["水漏", "E4", "X75G", "LT2026", ORDER[:-1], "漏水 黑屏", "🙂", "?!", "不存在"])
def test_a_ticket_is_not_found_by(store: Store, lists: ListService, words: str) -> None:
    """An order number is found whole or not at all; a sign without letters finds nothing rather than everything."""
    with store.database.transaction() as session:
        lists.index(session, _ticket(store, session, "洗衣机滚筒漏水", "WX75G 显示E3"))

        assert _found(lists, session, words) == []


def test_a_number_is_found_whole_with_or_without_its_letter(store: Store, lists: ListService) -> None:
    with store.database.transaction() as session:
        ticket = _ticket(store, session, "漏水")
        lists.index(session, ticket)
        number = ticket.summary.number

        for words in (f"T-{number}", f"t{number}", str(number)):
            assert _found(lists, session, words) == [number]
        assert _found(lists, session, str(number)[:3]) == []


@pytest.mark.parametrize("sort", Sort)
def test_searching_goes_with_filters_orders_and_pages(store: Store, lists: ListService, make, sort: Sort) -> None:
    with store.database.transaction() as session:
        made = [make(session) for _ in range(5)]
        for number in made:
            lists.index(session, store.tickets.by_number(session, number), ["漏水"])
        found, cursor = [], ""
        while True:
            page = lists.page(session, ListQuery(Filter(text="漏水", open_only=True), sort, cursor=cursor, limit=2))
            found += [line.ticket.number for line in page.lines]
            if not (cursor := page.after):
                break

        assert found == (made[::-1] if sort is Sort.NEWEST else made)
        assert lists.counts(session, {"x": Filter(text="漏水")}, None)["x"].number == 5
        assert lists.counts(session, {"x": Filter(text="?!")}, None)["x"].number == 0


def test_indexing_again_follows_the_words(store: Store, lists: ListService) -> None:
    with store.database.transaction() as session:
        ticket = _ticket(store, session, "漏水")
        for said in (["黑屏"], ["黑屏"], ["异味"]):
            lists.index(session, ticket, said)

        assert _found(lists, session, "黑屏") == []
        assert _found(lists, session, "异味") == [ticket.summary.number]


def test_an_erased_customer_is_not_found_by_any_word(store: Store, lists: ListService) -> None:
    """SE-08: the words go, those of others stay."""
    with store.database.transaction() as session:
        gone, kept = _ticket(store, session, "漏水"), _ticket(store, session, "漏水")
        for ticket in (gone, kept):
            lists.index(session, ticket)

        assert lists.forget_customer(session, gone.customer_id) == 1

        assert _found(lists, session, "漏水") == [kept.summary.number]
        left = session.scalar(text("SELECT count(*) FROM ticket_terms WHERE number = :n"), {"n": gone.summary.number})
        assert left == 0


def test_no_word_stands_in_the_database_and_another_key_finds_nothing(store: Store, lists: ListService) -> None:
    """SE-05: what is stored is a keyed hash."""
    with store.database.transaction() as session:
        lists.index(session, _ticket(store, session, "漏水"), ["E3"])
        stored = {row[0] for row in session.execute(text("SELECT term FROM ticket_terms"))}

        assert set(hashed(store.vault, ["漏水", "e3"])) <= stored
        assert not set(hashed(Vault(b"o" * 32), ["漏水", "e3"])) & stored
        assert _found(ListService(Vault(b"o" * 32), store.clock), session, "漏水") == []


def test_a_description_is_not_read_for_a_list(store: Store, lists: ListService, make) -> None:
    with store.database.transaction() as session:
        make(session)
    with store.database.reading() as session:
        page = lists.page(session, ListQuery())

        assert page.lines[0].ticket.title == "不脱水"


class TestWords:
    def test_stored_forms_of_a_code(self) -> None:
        assert stored_words(["E-07"]) == {"e", "07", "e07"}

    def test_a_long_text_is_cut(self) -> None:
        assert len(stored_words(chr(0x4E00 + n) + chr(0x4E01 + n) for n in range(10_000))) < 4_100

    def test_a_pasted_paragraph_asks_for_its_first_words(self) -> None:
        assert len(asked_words("洗衣机" * 3 + "".join(chr(0x4E00 + n) for n in range(200)))) == 16

    def test_a_lone_surrogate_breaks_nothing(self) -> None:
        assert hashed(Vault(b"k" * 32), stored_words(["漏水\ud800"]))
