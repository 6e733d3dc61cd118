"""Saved views: whose they are, who may share, and that a deletion can be taken back for a day."""

from datetime import timedelta

import pytest

from factories import Store
from tickets.lists.errors import SharingRefused, TooManyViews, ViewNameBlank, ViewNameTaken, ViewNotFound
from tickets.lists.views import MAX_VIEWS, SavedViewService
from tickets.schemas import StaffMember
from tickets.words import StaffRole

LI = StaffMember("li", "li", StaffRole.AGENT, "repair")
WANG = StaffMember("wang", "wang", StaffRole.AGENT, "logistics")
GAO = StaffMember("gao", "gao", StaffRole.LEAD, "repair")
STATE = {"overdue": True, "sort": "due", "col": ["number", "title"]}


@pytest.fixture
def views(store: Store, people: None) -> SavedViewService:
    return SavedViewService(store.clock)


def test_a_view_keeps_filter_sort_and_columns_for_its_owner_alone(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        made = views.create(session, LI, "  超时的  工单 ", STATE)

    with store.database.reading() as session:
        assert [(v.name, v.state, v.is_default) for v in views.seen_by(session, LI)] == [("超时的 工单", STATE, False)]
        assert views.seen_by(session, GAO) == []
        assert made.group == ""


def test_a_lead_shares_with_a_group(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        shared = views.create(session, GAO, "本组超时", STATE, group="repair")
        with pytest.raises(SharingRefused):
            views.create(session, LI, "我也分享", STATE, group="repair")

        assert [v.id for v in views.seen_by(session, LI)] == [shared.id]
        assert views.seen_by(session, WANG) == []
        for act in (views.delete, lambda s, m, v: views.rename(s, m, v, "x"), views.restore):
            with pytest.raises(ViewNotFound):
                act(session, LI, shared.id)


def test_a_name_is_given_once(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        first = views.create(session, LI, "a", {})
        views.create(session, WANG, "a", {})
        views.create(session, GAO, "a", {}, group="repair")
        second = views.create(session, LI, "b", {})
        with pytest.raises(ViewNameTaken):
            views.create(session, LI, "a", {})
        with pytest.raises(ViewNameTaken):
            views.rename(session, LI, second.id, "a")
        with pytest.raises(ViewNameBlank):
            views.rename(session, LI, second.id, " ")
        views.rename(session, LI, first.id, "a")
        views.rename(session, LI, second.id, "c")

        assert [v.name for v in views.seen_by(session, LI)] == ["a", "a", "c"]


def test_a_deleted_view_comes_back_for_a_day_as_it_was(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        view = views.create(session, LI, "a", STATE)
        views.set_default(session, LI, view.id)
        views.delete(session, LI, view.id)
        assert views.seen_by(session, LI) == []
        assert views.default_of(session, LI) is None

        views.restore(session, LI, view.id)

        back = views.default_of(session, LI)
        assert back is not None
        assert (back.id, back.state) == (view.id, STATE)


def test_after_a_day_a_deletion_is_final(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        old, other = views.create(session, LI, "a", {}), views.create(session, LI, "b", {})
        views.set_default(session, LI, old.id)
        views.delete(session, LI, old.id)
        session.flush()
        store.clock.instant += timedelta(days=1, seconds=1)  # type: ignore[attr-defined]
        views.delete(session, LI, other.id)

        with pytest.raises(ViewNotFound):
            views.restore(session, LI, old.id)
        views.restore(session, LI, other.id)


def test_a_taken_name_stops_a_restore(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        view = views.create(session, LI, "a", {})
        views.delete(session, LI, view.id)
        session.flush()
        views.create(session, LI, "a", {})

        with pytest.raises(ViewNameTaken):
            views.restore(session, LI, view.id)


def test_a_default_is_one_of_those_seen_and_can_be_given_up(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        foreign = views.create(session, WANG, "a", {})
        shared = views.create(session, GAO, "b", {}, group="repair")
        with pytest.raises(ViewNotFound):
            views.set_default(session, LI, foreign.id)
        views.set_default(session, LI, shared.id)
        assert views.default_of(session, LI) is not None

        views.set_default(session, LI, "")

        assert views.default_of(session, LI) is None


def test_there_is_an_end_to_views(store: Store, views: SavedViewService) -> None:
    with store.database.transaction() as session:
        for number in range(MAX_VIEWS):
            views.create(session, LI, str(number), {})

        with pytest.raises(TooManyViews):
            views.create(session, LI, "one more", {})
