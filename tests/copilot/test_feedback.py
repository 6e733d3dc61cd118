"""What becomes of suggestions (CP-03)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.editing import edit_distance
from copilot.errors import NothingToSend, SuggestionDecided, SuggestionNotFound
from copilot.schemas import BlockerKind, Outcome, Suggestion
from copilot.service import SuggestionService
from factories import Store, make_ticket
from fakes.copilot_desk import ARTICLES, WASHER_DRAIN, ScriptedQuality, desk_ticket, talk
from fakes.knowledge_base import ScriptedKnowledge
from kit.db import Session


@pytest.fixture
def book(store: Store) -> SuggestionService:
    return SuggestionService(ScriptedKnowledge(ARTICLES), ScriptedQuality(), store.clock)


def made(book: SuggestionService, store: Store, session: Session, *lines: str) -> Suggestion:
    ticket_id = make_ticket(store, session).summary.id
    ticket = desk_ticket(WASHER_DRAIN, fault_code="E2", ticket_id=ticket_id)
    return book.suggest(session, ticket, talk(*(lines or ("c: 洗衣机不排水E2，衣服抖散过了",))))


class TestStore:
    def test_comes_back_whole_but_for_the_customer_s_words(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            suggestion = made(book, store, session)
            book.store(session, suggestion)
        with store.database.reading() as session:
            stored = book.newest(session, suggestion.ticket_id)

        assert stored is not None
        assert suggestion.steps[0].done_words == "衣服抖散过了"
        assert [step.done_words for step in stored.suggestion.steps] == [""] * 4
        assert [step.done_seq for step in stored.suggestion.steps] == [step.done_seq for step in suggestion.steps]
        assert stored.suggestion.draft == suggestion.draft
        assert stored.suggestion.citations == suggestion.citations
        assert stored.suggestion.retrieved == suggestion.retrieved
        assert stored.suggestion.sentences == suggestion.sentences
        assert stored.outcome is Outcome.OPEN

    def test_a_blocker_comes_back_typed(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            suggestion = made(book, store, session, "c: 我要退款")
            stored = book.store(session, suggestion)
            again = book.get(session, stored.id)

        assert again.suggestion.blocker == suggestion.blocker
        assert again.suggestion.blocker.kind is BlockerKind.POLICY

    def test_the_same_again_is_kept_once(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            suggestion = made(book, store, session)
            first, second = book.store(session, suggestion), book.store(session, suggestion)

        assert first.id == second.id

    def test_the_same_after_a_decision_is_a_new_one(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            suggestion = made(book, store, session)
            first = book.store(session, suggestion)
            book.reject(session, first.id, "li", "不合适")
            second = book.store(session, suggestion)

        assert first.id != second.id


class TestDecide:
    def test_accepting_keeps_who_and_when(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            stored = book.store(session, made(book, store, session))
            decided = book.accept(session, stored.id, "li")

        assert (decided.outcome, decided.edit_distance, decided.decided_by) == (Outcome.ACCEPTED, 0.0, "li")
        assert decided.decided_at == store.clock.now()

    def test_editing_keeps_how_far(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            stored = book.store(session, made(book, store, session))
            draft = stored.suggestion.draft
            decided = book.edit(session, stored.id, "li", draft + "亲")

        assert decided.outcome is Outcome.EDITED
        assert decided.edit_distance == pytest.approx(1 / (len(draft) + 1))

    def test_sending_the_draft_unchanged_is_accepting(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            stored = book.store(session, made(book, store, session))

            assert book.edit(session, stored.id, "li", stored.suggestion.draft).outcome is Outcome.ACCEPTED

    def test_a_reason_is_kept_without_personal_data(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            stored = book.store(session, made(book, store, session))
            decided = book.reject(session, stored.id, "li", "客户要回电13812345678")

        assert decided.outcome is Outcome.REJECTED
        assert decided.reason.startswith("客户要回电")
        assert "13812345678" not in decided.reason

    def test_nothing_is_decided_twice(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            stored = book.store(session, made(book, store, session))
            book.accept(session, stored.id, "li")

            with pytest.raises(SuggestionDecided):
                book.reject(session, stored.id, "wang", "晚了")

    def test_an_empty_draft_cannot_be_accepted(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            stored = book.store(session, made(book, store, session, "c: 叫你们主管来"))

            with pytest.raises(NothingToSend):
                book.accept(session, stored.id, "li")

    def test_an_unknown_id_is_said(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session, pytest.raises(SuggestionNotFound):
            book.accept(session, "nobody", "li")

    def test_no_message_is_sent_by_any_decision(self, book: SuggestionService, store: Store) -> None:
        with store.database.transaction() as session:
            ticket = make_ticket(store, session)
            talk_id = ticket.summary.conversation_id
            before = len(store.conversations.messages(session, talk_id))
            suggestion = book.suggest(session, ticket, store.conversations.messages(session, talk_id))
            stored = book.store(session, suggestion)
            book.reject(session, stored.id, "li", "")

            assert len(store.conversations.messages(session, talk_id)) == before


def test_rates_count_everything(book: SuggestionService, store: Store) -> None:
    with store.database.transaction() as session:
        ids = [book.store(session, made(book, store, session)).id for _ in range(4)]
        book.store(session, made(book, store, session, "c: 我要退款"))
        book.accept(session, ids[0], "li")
        book.edit(session, ids[1], "li", "完全不同")
        book.reject(session, ids[2], "li", "错")
        rates = book.rates(session)

    assert (rates.total, rates.accepted, rates.edited, rates.rejected, rates.open) == (5, 1, 1, 1, 2)
    assert rates.mean_edit_distance is not None
    assert 0.4 < rates.mean_edit_distance <= 0.5
    assert rates.blocked[BlockerKind.POLICY] == 1
    assert rates.model_worded == 0


@given(st.text(alphabet="ab漢c", max_size=9), st.text(alphabet="ab漢d", max_size=9))
def test_edit_distance_is_levenshtein_s(one: str, other: str) -> None:
    rows = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, rows = rows, [i]
        for j, b in enumerate(other, start=1):
            rows.append(min(before[j] + 1, rows[-1] + 1, before[j - 1] + (a != b)))

    assert edit_distance(one, other) == pytest.approx(rows[-1] / max(len(one), len(other), 1))
