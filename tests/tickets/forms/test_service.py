"""A ticket's form on both databases: handed in, corrected, kept by version, sealed, decided, counted."""

import io
from typing import Any

import pytest
from PIL import Image

from factories import Store, agent, make_prediction, make_ticket
from kit.audit.schemas import AuditQuery
from kit.audit.service import AuditLog
from tickets.forms.errors import (
    FieldNotFound,
    FileRefused,
    FormChanged,
    FormFileNotFound,
    FormIncomplete,
    FormNotWaiting,
    ReasonMissing,
    TooManyFiles,
)
from tickets.forms.repository import entries
from tickets.forms.values import FormState
from tickets.lifecycle.errors import TicketArchived
from tickets.lifecycle.schemas import CUSTOMER, Given, TicketAction
from tickets.rights import DataScope, Sight
from tickets.schemas import IncomingFile

ACCOUNT = "6222021234567890128"
ALL = Sight(DataScope.ALL, "lu", None, ("*",))
BOOK = {
    "templates": [
        {"id": "all", "zh": "一般", "en": "All"},
        {
            "id": "quality",
            "label": ["quality"],
            "zh": "质量",
            "en": "Quality",
            "unmet": "qa_queue",
            "fields": [
                {"name": "order_no", "kind": "order_no", "zh": "订单号", "en": "Order", "required": True},
                {"name": "steps", "kind": "long_text", "zh": "步骤", "en": "Steps", "required": True},
                {"name": "photo", "kind": "picture", "zh": "照片", "en": "Photo", "required": True, "min_pixels": 50},
                {"name": "video", "kind": "video", "zh": "视频", "en": "Video"},
            ],
        },
        {
            "id": "late",
            "label": ["logistics"],
            "zh": "物流",
            "en": "Logistics",
            "fields": [
                {
                    "name": "way",
                    "kind": "choice",
                    "zh": "方式",
                    "en": "Way",
                    "required": True,
                    "choices": [
                        {"value": "bank", "zh": "银行卡", "en": "Bank"},
                        {"value": "original", "zh": "原路", "en": "Original"},
                    ],
                },
                {"name": "account", "kind": "bank_account", "zh": "账号", "en": "Account", "secure": True},
            ],
            "rules": [
                {"kind": "dependency", "when": {"field": "way", "one_of": ["bank"]}, "require": ["account"]},
                {"kind": "dependency", "when": {"field": "way", "one_of": ["original"]}, "forbid": ["account"]},
            ],
        },
    ]
}
FAULT, LATE = ("quality", "malfunction", "no_power"), ("logistics", "late", "chase")


def png(side: int = 80) -> IncomingFile:
    made = io.BytesIO()
    Image.new("RGB", (side, side), "#c8d2d8").save(made, "PNG")
    return IncomingFile("面板.png", "text/html", made.getvalue())


def _ticket(store: Store, session: Any, label: tuple[str, ...] = FAULT) -> str:
    if not store.form_overview.edition(session).version:
        store.form_overview.save(session, BOOK, base_version=0, actor="gao")
    ticket = make_ticket(store, session)
    store.tickets.record_prediction(session, ticket.summary.id, make_prediction(label))
    return ticket.summary.id


def _photo(store: Store, session: Any, ticket_id: str) -> str:
    return store.forms.add_file(session, ticket_id, "photo", png(), CUSTOMER).id


def test_it_begins_with_the_facts_of_the_talk(store: Store) -> None:
    """FM-01: what the customer has confirmed is there, and says where it comes from."""
    with store.database.transaction() as session:
        view = store.forms.view(session, _ticket(store, session))

    assert (view.template.id, view.version, view.state) == ("quality", 0, FormState.OPEN)
    assert (view.values, dict(view.origins)) == ({"order_no": "LT20261103004821"}, {"order_no": "person"})
    assert view.missing == ("steps", "photo")
    assert view.score == pytest.approx(1 / 3)


def test_what_is_missing_is_refused_and_nothing_is_stored(store: Store) -> None:
    """FM-03."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
    with store.database.transaction() as session, pytest.raises(FormIncomplete) as refused:
        store.forms.submit(session, ticket_id, {"steps": " ", "wish": "unicorn"}, CUSTOMER)

    assert [i.field for i in refused.value.issues] == ["wish", "steps", "photo"]
    with store.database.reading() as session:
        assert store.forms.view(session, ticket_id).version == 0


def test_it_is_handed_in_corrected_and_every_version_is_kept(store: Store) -> None:
    """FM-03."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        photo = _photo(store, session, ticket_id)
        first = store.forms.submit(session, ticket_id, {"steps": "开机", "photo": [photo]}, CUSTOMER)
        second = store.forms.submit(session, ticket_id, {"steps": "开机两次", "photo": [photo]}, agent())

        assert (first.state, first.score, first.version, first.missing) == (FormState.COMPLETE, 1.0, 1, ())
        assert (second.version, second.values["steps"], second.by) == (2, "开机两次", "wang")
        kept = entries(session, ticket_id)
        assert [entry.version for entry in kept] == [2, 1]
        assert "开机".encode() not in kept[0].values_sealed
        timeline = [e for e in store.tickets.get(session, ticket_id).timeline if e.kind == "form_submitted"]
        assert [e.actor for e in timeline] == ["customer", "wang"]
        assert timeline[0].data == {"version": 1, "state": "complete", "score": 1.0, "missing": []}


def test_a_correction_of_a_version_that_is_no_longer_the_newest_is_a_conflict(store: Store) -> None:
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        form = {"steps": "开机", "photo": [_photo(store, session, ticket_id)]}
        store.forms.submit(session, ticket_id, form, CUSTOMER, base_version=0)
        with pytest.raises(FormChanged):
            store.forms.submit(session, ticket_id, form, agent(), base_version=0)


def test_an_incomplete_form_waits_for_quality_where_its_template_says_so(store: Store) -> None:
    """FM-03: accepted or sent back with a reason; a corrected one leaves the queue."""
    with store.database.transaction() as session:
        first, second = (_ticket(store, session) for _ in range(2))
        for ticket_id in (first, second):
            waiting = store.forms.submit(session, ticket_id, {"steps": "开机"}, CUSTOMER, as_is=True)
            assert (waiting.state, waiting.missing) == (FormState.WAITING, ("photo",))
        queue = store.form_overview.waiting(session, ALL, 10)
        assert [(w.ticket_id, w.missing) for w in queue] == [(t, ("photo",)) for t in sorted((first, second))]
        page = store.form_overview.waiting(session, ALL, 1)
        rest = store.form_overview.waiting(session, ALL, 9, (page[0].since, page[0].ticket_id))
        assert [w.ticket_id for w in (*page, *rest)] == [w.ticket_id for w in queue]

        assert store.forms.decide(session, first, agent("lu"), accept=True).state is FormState.ACCEPTED
        with pytest.raises(FormNotWaiting):
            store.forms.decide(session, first, agent("shen"), accept=True)
        with pytest.raises(ReasonMissing):
            store.forms.decide(session, second, agent("lu"), accept=False, reason=" ")
        returned = store.forms.decide(session, second, agent("lu"), accept=False, reason="照片看不清")
        assert (returned.state, returned.reason) == (FormState.RETURNED, "照片看不清")
        assert store.form_overview.waiting(session, ALL, 10) == []

        photo = _photo(store, session, second)
        mended = store.forms.submit(session, second, {"steps": "开机", "photo": [photo]}, CUSTOMER)
        assert (mended.state, mended.reason) == (FormState.COMPLETE, "")
        counts = store.form_overview.compliance(session)
        assert (counts.tickets, counts.required, counts.with_proof, counts.proof) == (2, 1, 2, 1)
        assert (counts.decided, counts.approved) == (2, 1)


def test_a_template_that_refuses_does_so_whatever_is_asked(store: Store) -> None:
    """FM-03."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session, LATE)
        with pytest.raises(FormIncomplete):
            store.forms.submit(session, ticket_id, {"way": "bank"}, CUSTOMER, as_is=True)


def test_grave_faults_do_not_get_into_the_queue(store: Store) -> None:
    """Bad input: an unknown field; and a card number where it would lie open (FM-08)."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        for values in ({"wish": "x"}, {"steps": f"请退到{ACCOUNT}"}, {"photo": "p"}):
            with pytest.raises(FormIncomplete):
                store.forms.submit(session, ticket_id, values, CUSTOMER, as_is=True)


def test_a_secure_value_is_sealed_masked_and_read_on_the_record(store: Store) -> None:
    """FM-08: bank data only in secure fields, never in the timeline, the talk or what a model reads."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session, LATE)
        view = store.forms.submit(session, ticket_id, {"way": "bank", "account": ACCOUNT}, CUSTOMER)
        assert (view.values["account"], view.sealed) == ("••••0128", ("account",))
        kept = entries(session, ticket_id)[0]
        assert kept.secure_sealed is not None
        assert ACCOUNT.encode() not in kept.secure_sealed + kept.values_sealed
        ticket = store.tickets.get(session, ticket_id)
        talk = store.conversations.messages(session, ticket.summary.conversation_id)
        assert ACCOUNT not in repr(ticket) + repr(talk) + repr(view)

        assert store.forms.reveal(session, ticket_id, "account", "wang") == ACCOUNT
        for name in ("way", "gone"):
            with pytest.raises(FieldNotFound):
                store.forms.reveal(session, ticket_id, name, "wang")
        records = AuditLog(store.vault, store.clock).page(session, AuditQuery(action="read.form_field"), 5)
        assert [(r.actor, r.subject_id, r.data) for r in records] == [("wang", ticket_id, {"field": "account"})]


def test_a_secure_value_stays_unless_it_is_written_anew_or_has_no_place_any_more(store: Store) -> None:
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session, LATE)
        store.forms.submit(session, ticket_id, {"way": "bank", "account": ACCOUNT}, CUSTOMER)
        store.forms.submit(session, ticket_id, {"way": "bank"}, CUSTOMER)
        assert store.forms.reveal(session, ticket_id, "account", "wang") == ACCOUNT
        with pytest.raises(FormIncomplete):
            store.forms.submit(session, ticket_id, {"way": "bank", "account": None}, CUSTOMER)

        gone = store.forms.submit(session, ticket_id, {"way": "original"}, CUSTOMER)

        assert (dict(gone.values), gone.sealed) == ({"way": "original"}, ())


def test_a_fact_that_is_corrected_stands_on_the_ticket(store: Store) -> None:
    """TC-07: the form and the ticket never say two things."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        form = {"order_no": "lt20261103009999", "steps": "开机", "photo": [_photo(store, session, ticket_id)]}
        view = store.forms.submit(session, ticket_id, form, agent())
        (fact,) = store.tickets.get(session, ticket_id).fields

    assert (view.values["order_no"], fact.normal, fact.confirmed_by) == ("LT20261103009999", "LT20261103009999", "wang")
    assert view.origins == {}


@pytest.mark.parametrize(
    ("field", "content", "words"),
    [
        ("photo", b"<html>", "not a picture"),
        ("photo", png(20).content, "shorter side"),
        ("photo", png().content[:-20], "damaged"),
        ("video", png().content, "not a video"),
        ("video", b"\0\0\0\x18ftypheic" + b"\0" * 20, "not a video"),
        ("video", b"", "not a video"),
    ],
)
def test_a_file_is_judged_by_its_bytes(store: Store, field: str, content: bytes, words: str) -> None:
    """FM-02: pictures and videos by kind and size."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        with pytest.raises(FileRefused) as refused:
            store.forms.add_file(session, ticket_id, field, IncomingFile("x.mp4", "video/mp4", content), CUSTOMER)
    assert words in str(refused.value)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3\x01\x42\x82\x84webm", "video/webm"),
    ],
)
def test_a_video_is_known_by_its_container(store: Store, head: bytes, media_type: str) -> None:
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        file = IncomingFile("film.txt", "text/plain", head + b"\0" * 64)
        stored = store.forms.add_file(session, ticket_id, "video", file, CUSTOMER)
        found, content = store.forms.file(session, ticket_id, stored.id)
    assert (found.media_type, content) == (media_type, file.content)


def test_files_belong_to_one_ticket_and_one_place(store: Store) -> None:
    with store.database.transaction() as session:
        mine, other = _ticket(store, session), _ticket(store, session)
        photo = _photo(store, session, mine)
        with pytest.raises(FormFileNotFound):
            store.forms.file(session, other, photo)
        with pytest.raises(FormIncomplete):
            store.forms.submit(session, other, {"steps": "开机", "photo": [photo]}, CUSTOMER)
        for place in ("steps", "gone"):
            with pytest.raises(FieldNotFound):
                store.forms.add_file(session, mine, place, png(), CUSTOMER)


def test_there_is_an_end_to_files(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.forms.service.MOST_FILES", 2)
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        for _ in range(2):
            _photo(store, session, ticket_id)
        with pytest.raises(TooManyFiles):
            _photo(store, session, ticket_id)


def test_a_closed_ticket_takes_nothing_more(store: Store) -> None:
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        photo = _photo(store, session, ticket_id)
        store.work.resolve(session, ticket_id, agent(), "修好了")
        store.work.take(session, ticket_id, TicketAction.CONFIRM, CUSTOMER, Given())
        for act in (
            lambda: store.forms.submit(session, ticket_id, {"steps": "开机", "photo": [photo]}, CUSTOMER),
            lambda: _photo(store, session, ticket_id),
        ):
            with pytest.raises(TicketArchived):
                act()
        assert not store.forms.view(session, ticket_id).writable


def test_a_change_of_the_book_says_what_it_would_do_and_is_assessed_anew(store: Store) -> None:
    """FM-07."""
    with store.database.transaction() as session:
        ticket_id = _ticket(store, session)
        form = {"steps": "开机", "photo": [_photo(store, session, ticket_id)]}
        number = store.forms.submit(session, ticket_id, form, CUSTOMER).number
        raw = store.form_overview.edition(session).body.model_dump(mode="json")
        raw["templates"][1]["fields"][3]["required"] = True
        effects = store.form_overview.effects(session, store.form_overview.checked(raw), store.forms.today())
        assert (effects.looked_at, effects.broken, effects.mended_count) == (1, (number,), 0)

        store.form_overview.save(session, raw, base_version=1, actor="gao")
        assert store.forms.assess(session, ticket_id) is FormState.OPEN
        assert store.forms.view(session, ticket_id).missing == ("video",)
        store.form_overview.restore(session, 1, base_version=2, actor="gao")
        assert store.forms.assess(session, ticket_id) is FormState.COMPLETE
