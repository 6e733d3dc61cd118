"""Structured summaries with their turns (SU-01 to SU-06)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.errors import SummaryConfirmed, SummaryNotFound
from copilot.schemas import Summary, SummaryField, SummaryPromise, Supported
from copilot.service import SummaryService
from factories import Store, make_ticket
from fakes.copilot_desk import NOW, ScriptedQuality, desk_ticket, talk
from kit.crypto import PersonKey, SealBroken, Vault
from quality.ruleset import load_rules
from quality.service import QualityService
from tickets.schemas import TicketEvent

REPAIR = (
    "c: 你好",
    "a: 您好，有什么可以帮您",
    "c: 洗衣机不排水，显示E2",
    "a: 请问型号是什么？",
    "c: WX75G",
    "a: 检测发现排水泵堵塞，原因是线头缠住叶轮。",
    "a: 师傅已经更换了排水泵。",
    "a: 上门费50元，配件免费。",
    "a: 试机检测确认存在故障，现在好了。",
    "a: 明天给您回电。",
    "c: 太好了，谢谢",
    "c: 发票什么时候开？",
)


class StandingClock:
    def now(self):
        return NOW


def service(promises=None) -> SummaryService:
    return SummaryService(promises or ScriptedQuality(), StandingClock(), Vault(b"k" * 32))


def summarise(*lines: str) -> Summary:
    return service().summarise(None, talk(*lines))


def field(name: SummaryField, *lines: str) -> Supported | None:
    return summarise(*lines).fields.get(name)


class TestFields:
    def test_a_repair_is_summarised_with_its_turns(self) -> None:
        found = summarise(*REPAIR).fields

        assert found[SummaryField.PROBLEM].turns[0] == 3
        assert "洗衣机不排水" in found[SummaryField.PROBLEM].value
        assert found[SummaryField.TITLE] == Supported("洗衣机不排水", (3,))
        assert found[SummaryField.ROOT_CAUSE].turns == (6,)
        assert found[SummaryField.ACTION].turns == (7,)
        assert found[SummaryField.PARTS] == Supported("排水泵", (7,))
        assert found[SummaryField.COST] == Supported("上门费50元，配件免费", (8,))
        assert found[SummaryField.REPRODUCED] == Supported("yes", (9,))
        assert found[SummaryField.MOOD] == Supported("pleased", (11,))
        assert found[SummaryField.OPEN_POINTS] == Supported("发票什么时候开？", (12,))

    def test_promises_stand_with_their_turn_and_time(self) -> None:
        """SU-05."""
        assert summarise(*REPAIR).promises == (SummaryPromise("明天给您回电。", 10, "明天"),)

    def test_the_shipped_rules_find_a_promise(self) -> None:
        found = service(QualityService(load_rules())).summarise(None, talk("c: 坏了", "a: 我们会在24小时内给您回电"))

        assert [(p.turn, p.due) for p in found.promises] == [(2, "24小时内")]

    def test_small_talk_supports_nothing(self) -> None:
        found = summarise("c: 你好", "a: 您好，有什么可以帮您", "c: 没有了", "a: 祝您生活愉快")

        assert found.fields == {}
        assert found.promises == ()
        assert found.narrative.final == ""

    def test_an_empty_talk_is_an_empty_summary(self) -> None:
        assert summarise().fields == {}

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            (SummaryField.ROOT_CAUSE, "a: 可能是排水泵坏了"),
            (SummaryField.ROOT_CAUSE, "c: 肯定是排水泵坏了"),
            (SummaryField.ROOT_CAUSE, "a: 请问是什么原因导致的呢"),
            (SummaryField.ACTION, "a: 需要帮您申请售后吗"),
            (SummaryField.ACTION, "a: 您可以自行提交申请"),
            (SummaryField.ACTION, "c: 我已经提交了"),
            (SummaryField.ACTION, "a: 目前无法为您办理退款"),
            (SummaryField.PARTS, "a: 您换个充电器试试"),
            (SummaryField.PARTS, "a: 不用更换排水泵"),
            (SummaryField.COST, "a: 如果人为损坏需要100元"),
            (SummaryField.COST, "c: 要50元吗"),
            (SummaryField.REPRODUCED, "a: 请您再测试一下有没有问题？"),
            (SummaryField.OPEN_POINTS, "a: 好的"),
        ],
    )
    def test_guesses_offers_and_questions_support_nothing(self, name: SummaryField, said: str) -> None:
        """SU-04: never invented."""
        assert field(name, "c: 洗衣机坏了", said, "a: 请稍等") is None

    def test_a_test_without_a_finding_is_not_reproduced(self) -> None:
        assert field(SummaryField.REPRODUCED, "c: 坏了", "a: 师傅检测正常，未发现问题") == Supported("no", (2,))

    def test_the_last_mood_counts(self) -> None:
        assert field(SummaryField.MOOD, "c: 谢谢", "a: 好", "c: 太差了，差评") == Supported("upset", (3,))

    def test_the_ticket_s_record_of_the_action_comes_first(self) -> None:
        event = TicketEvent("li", "resolved", {"action": "更换排水泵"}, {}, NOW)

        found = service().summarise(desk_ticket(timeline=(event,), title="E2 不排水"), talk(*REPAIR))

        assert found.fields[SummaryField.ACTION] == Supported("更换排水泵", (), "ticket:resolved")
        assert found.fields[SummaryField.TITLE] == Supported("E2 不排水", (3, 12), "ticket:title")

    @given(st.lists(st.tuples(st.sampled_from("cab"), st.text(max_size=30)), max_size=8))
    def test_values_are_words_of_the_turns_they_name(self, turns: list[tuple[str, str]]) -> None:
        messages = talk(*(f"{role}: {text}" for role, text in turns))
        raw = {m.seq: "".join(m.raw.split()) for m in messages}

        found = service().summarise(None, messages)

        for name, value in found.fields.items():
            assert value.turns
            if name not in {SummaryField.MOOD, SummaryField.REPRODUCED, SummaryField.PARTS}:
                said = "".join(raw[turn] for turn in value.turns)
                for part in value.value.split("；"):
                    assert "".join(part.rstrip("？").split()) in said


class TestNarrative:
    def test_each_side_is_told_in_its_own_words(self) -> None:
        told = summarise(*REPAIR).narrative

        assert "洗衣机不排水，显示E2。" in told.user
        assert "排水泵" in told.agent
        assert told.final.startswith("用户：")
        assert "客服：" in told.final

    def test_a_repeated_sentence_is_told_once(self) -> None:
        told = summarise("c: 我的洗衣机完全不转了", "c: 我的洗衣机完全不转了", "a: 已为您登记维修服务").narrative

        assert told.user.count("完全不转") == 1


class TestStore:
    def stored(self, store: Store, session, lines=REPAIR):
        ticket = make_ticket(store, session)
        summaries = SummaryService(ScriptedQuality(), store.clock, store.vault)
        return summaries, summaries.store(session, summaries.summarise(ticket, talk(*lines)))

    def test_comes_back_whole(self, store: Store) -> None:
        with store.database.transaction() as session:
            summaries, stored = self.stored(store, session)
            again = summaries.newest(session, stored.summary.ticket_id)

        assert again == stored
        assert again.confirmed_by == ""

    def test_the_same_again_is_kept_once(self, store: Store) -> None:
        with store.database.transaction() as session:
            summaries, stored = self.stored(store, session)

            assert summaries.store(session, stored.summary).id == stored.id

    def test_a_confirmation_keeps_edits_as_the_agent_s_words(self, store: Store) -> None:
        """SU-02, SU-03."""
        edits = {SummaryField.ROOT_CAUSE: "排水泵老化", SummaryField.COST: None, SummaryField.REPRODUCED: "no"}
        with store.database.transaction() as session:
            summaries, stored = self.stored(store, session)
            confirmed = summaries.confirm(session, stored.id, "li", edits)

        assert (confirmed.confirmed_by, confirmed.confirmed_at) == ("li", store.clock.now())
        assert confirmed.summary.fields[SummaryField.ROOT_CAUSE] == Supported("排水泵老化", (), "person:li")
        assert confirmed.summary.value(SummaryField.COST) is None
        assert confirmed.summary.fields[SummaryField.PROBLEM] == stored.summary.fields[SummaryField.PROBLEM]

    def test_nothing_is_confirmed_twice(self, store: Store) -> None:
        with store.database.transaction() as session:
            summaries, stored = self.stored(store, session)
            summaries.confirm(session, stored.id, "li", {})

            with pytest.raises(SummaryConfirmed):
                summaries.confirm(session, stored.id, "wang", {})

    def test_an_unknown_id_is_said(self, store: Store) -> None:
        with store.database.transaction() as session, pytest.raises(SummaryNotFound):
            service().confirm(session, "nobody", "li", {})

    def test_erasing_the_person_erases_the_summary(self, store: Store) -> None:
        with store.database.transaction() as session:
            summaries, stored = self.stored(store, session)
            session.delete(session.get(PersonKey, stored.summary.customer_id))
            session.flush()

            with pytest.raises(SealBroken):
                summaries.newest(session, stored.summary.ticket_id)

    def test_an_interim_summary_is_a_row_of_its_own(self, store: Store) -> None:
        """SU-06: at a transfer."""
        with store.database.transaction() as session:
            ticket = make_ticket(store, session)
            summaries = SummaryService(ScriptedQuality(), store.clock, store.vault)
            interim = summaries.store(session, summaries.summarise(ticket, talk(*REPAIR[:4])))
            store.clock.instant += timedelta(hours=1)
            final = summaries.store(session, summaries.summarise(ticket, talk(*REPAIR)))
            newest = summaries.newest(session, ticket.summary.id)

        assert newest == final
        assert interim.summary.conversation_seq < final.summary.conversation_seq
