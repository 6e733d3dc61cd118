import threading

import pytest

from factories import Store, incoming, open_conversation
from tickets.errors import AttachmentNotFound, ConversationNotFound, EmptyMessage, MessageTooLong
from tickets.events import AgentReplied, MessageReceived
from tickets.schemas import IncomingFile, IncomingMessage
from tickets.words import Handler, Role


def test_a_message_is_stored_sealed_and_announced(store: Store) -> None:
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)
        message = store.conversations.receive(session, conversation_id, incoming("我的洗衣机坏了"))

    assert (message.seq, message.role, message.raw) == (1, Role.CUSTOMER, "我的洗衣机坏了")
    assert [type(e) for e in store.bus.events] == [MessageReceived]
    with store.database.reading() as session:
        raw = session.connection().exec_driver_sql("SELECT text_sealed FROM messages").scalar_one()
    assert "洗衣机".encode() not in raw


def test_the_same_external_id_is_one_message(store: Store) -> None:
    """CH-16."""
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)
        first = store.conversations.receive(session, conversation_id, incoming("你好", "x-1"))
        second = store.conversations.receive(session, conversation_id, incoming("你好", "x-1"))

        assert first.id == second.id
        assert len(store.conversations.messages(session, conversation_id)) == 1


def test_an_external_id_of_another_conversation_is_not_shown(store: Store) -> None:
    with store.database.transaction() as session:
        mine, other = open_conversation(store, session), open_conversation(store, session)
        store.conversations.receive(session, other, incoming("秘密", "x-1"))

        with pytest.raises(ConversationNotFound):
            store.conversations.receive(session, mine, incoming("你好", "x-1"))


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "\x00"])
def test_an_empty_message_is_refused_with_a_reason(store: Store, text: str) -> None:
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)

        with pytest.raises(EmptyMessage) as refused:
            store.conversations.receive(session, conversation_id, incoming(text))

    assert refused.value.field == "text"
    assert refused.value.message("zh") != refused.value.message("en")


def test_a_megabyte_of_text_is_refused_with_the_limit(store: Store) -> None:
    with store.database.transaction() as session, pytest.raises(MessageTooLong, match="8000"):
        store.conversations.receive(session, open_conversation(store, session), incoming("长" * 1_000_000))


@pytest.mark.parametrize("raw", ["😡", "a\x00b", "\ud800 x", "订单ＬＴ２０２６"])
def test_whatever_a_customer_sends_comes_back_unchanged(store: Store, raw: str) -> None:
    """F21."""
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)
        store.conversations.receive(session, conversation_id, incoming(raw))

    with store.database.reading() as session:
        assert store.conversations.messages(session, conversation_id)[0].raw == raw


def test_a_person_who_answers_takes_the_conversation_over(store: Store) -> None:
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)
        store.conversations.say(session, conversation_id, Role.AGENT, "您好，我来处理", author="wang")

        assert store.conversations.get(session, conversation_id).handler is Handler.AGENT
    assert AgentReplied in [type(e) for e in store.bus.events]


def test_a_newer_message_makes_an_older_understanding_stale(store: Store) -> None:
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)
        store.conversations.receive(session, conversation_id, incoming())
        seen = store.conversations.get(session, conversation_id).customer_seq
        store.conversations.receive(session, conversation_id, incoming("还有，漏水"))

        assert not store.conversations.mark_understood(session, conversation_id, seen)
        assert store.conversations.mark_understood(session, conversation_id, seen + 1)


def test_only_the_right_token_opens_a_conversation(store: Store) -> None:
    """A02: a wrong token looks like no conversation at all."""
    with store.database.transaction() as session:
        mine, token = store.conversations.open(
            session, channel="web", account="default", external_user="u-1", name="", lang="zh"
        )
        other, _ = store.conversations.open(
            session, channel="web", account="default", external_user="u-2", name="", lang="zh"
        )

        store.conversations.authorise(session, mine, token)
        for conversation_id, wrong in [(mine, token + "x"), (other, token), ("nothing", token), (mine, "")]:
            with pytest.raises(ConversationNotFound):
                store.conversations.authorise(session, conversation_id, wrong)


def test_a_file_is_read_back_only_through_its_own_conversation(store: Store) -> None:
    with store.database.transaction() as session:
        mine, other = open_conversation(store, session), open_conversation(store, session)
        file = IncomingFile("x.jpg", "image/jpeg", b"\xff\xd8data")
        message = store.conversations.receive(session, mine, IncomingMessage("f-1", "", (file,)))
        attachment = message.attachments[0]

        assert store.conversations.attachment(session, mine, attachment.id)[1] == b"\xff\xd8data"
        with pytest.raises(AttachmentNotFound):
            store.conversations.attachment(session, other, attachment.id)


def test_messages_written_at_once_get_consecutive_numbers(store: Store) -> None:
    """ARCHITECTURE §6: the sequence is assigned under the conversation's lock."""
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)

    def send(n: int) -> None:
        for k in range(5):
            with store.database.transaction() as session:
                store.conversations.receive(session, conversation_id, incoming(f"{n}-{k}"))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.database.reading() as session:
        assert [m.seq for m in store.conversations.messages(session, conversation_id)] == list(range(1, 21))


def test_a_live_signal_comes_after_the_commit(store: Store) -> None:
    heard: list[int] = []
    with store.database.transaction() as session:
        conversation_id = open_conversation(store, session)
    with store.live.listening(conversation_id, lambda: heard.append(1)):
        with store.database.transaction() as session:
            store.conversations.receive(session, conversation_id, incoming())

            assert heard == []

        assert heard == [1]
