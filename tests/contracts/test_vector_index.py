"""One suite for every vector index: Qdrant in the process, and the server adapter on the client's own twin."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pytest

from kit.ai.ports import Vectors
from kit.index.adapters.edge import EdgeIndex
from kit.index.adapters.server import ServerIndex
from kit.index.ports import AnyOf, ArmHits, AtMost, IndexPoint, IndexQuery, MoreThan, SparseVector, VectorIndex

WIDTH = 4


@pytest.fixture(params=["edge", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    made: VectorIndex
    made = EdgeIndex(tmp_path / "index", WIDTH) if request.param == "edge" else ServerIndex(":memory:", "", WIDTH)
    yield made
    made.close()


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def _unit(*values: float) -> Vectors:
    row = np.array(values, dtype=np.float32)
    return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def _point(
    name: str,
    dense: Vectors | None = None,
    terms: Sequence[int] = (1,),
    revision: str = "r1",
    **payload: str | int | tuple[str, ...],
) -> IndexPoint:
    sparse = SparseVector(tuple(terms), (1.0,) * len(terms))
    return IndexPoint(_id(name), _unit(1, 0, 0, 0) if dense is None else dense, sparse, payload, revision)


def _ask(*terms: int, dense: Vectors | None = None, limit: int = 10) -> IndexQuery:
    return IndexQuery(dense, SparseVector(terms, (1.0,) * len(terms)), (), limit)


def _names(hits: ArmHits, *names: str) -> tuple[list[str], list[str]]:
    known = {_id(name): name for name in names}
    return [known[h.id] for h in hits.dense], [known[h.id] for h in hits.sparse]


class TestSearch:
    def test_new_index_finds_nothing(self, index: VectorIndex) -> None:
        hits = index.search(_ask(1, dense=_unit(1, 0, 0, 0)))

        assert hits == ArmHits()

    def test_arms_rank_by_cosine_and_by_rare_words(self, index: VectorIndex) -> None:
        index.write(
            [
                _point("east", _unit(1, 0, 0, 0), [1, 2]),
                _point("north", _unit(0, 1, 0, 0), [1, 3]),
                _point("between", _unit(1, 1, 0, 0), [1]),
            ]
        )

        hits = index.search(_ask(1, 3, dense=_unit(1, 0.2, 0, 0)))

        dense, sparse = _names(hits, "east", "north", "between")
        assert dense == ["east", "between", "north"]
        assert sparse[0] == "north"  # only it has the rare term
        assert hits.dense[0].score == pytest.approx(float(_unit(1, 0.2, 0, 0)[0]), abs=1e-5)

    def test_points_without_a_common_term_are_no_lexical_hits(self, index: VectorIndex) -> None:
        index.write([_point("a", terms=[1]), _point("b", terms=[2])])

        hits = index.search(_ask(2))

        assert _names(hits, "a", "b") == ([], ["b"])

    def test_large_term_numbers_are_kept_apart(self, index: VectorIndex) -> None:
        index.write([_point("a", terms=[4_294_967_295]), _point("b", terms=[4_294_967_294])])

        hits = index.search(_ask(4_294_967_295))

        assert _names(hits, "a", "b")[1] == ["a"]

    def test_limit_holds_for_each_arm(self, index: VectorIndex) -> None:
        index.write([_point(f"p{i}") for i in range(5)])

        hits = index.search(_ask(1, dense=_unit(1, 0, 0, 0), limit=2))

        assert (len(hits.dense), len(hits.sparse)) == (2, 2)


class TestConditions:
    @pytest.fixture(autouse=True)
    def _shelf(self, index: VectorIndex) -> None:
        index.write(
            [
                _point("old", products=("washer",), audience="customer", since=100, until=200),
                _point("new", products=("washer", "tv"), audience="customer", since=200, until=4_000_000_000),
                _point("inner", products=("*",), audience="agent", since=0, until=4_000_000_000),
            ]
        )

    def _found(self, index: VectorIndex, *conditions: AnyOf | AtMost | MoreThan) -> tuple[set[str], set[str]]:
        query = IndexQuery(_unit(1, 0, 0, 0), SparseVector((1,), (1.0,)), conditions, 10)
        dense, sparse = _names(index.search(query), "old", "new", "inner")
        return set(dense), set(sparse)

    def test_word_or_words_of_a_field(self, index: VectorIndex) -> None:
        assert self._found(index, AnyOf("audience", ("customer",))) == ({"old", "new"}, {"old", "new"})
        assert self._found(index, AnyOf("products", ("tv", "*"))) == ({"new", "inner"}, {"new", "inner"})

    def test_window_is_closed_at_its_start_and_open_at_its_end(self, index: VectorIndex) -> None:
        at_200 = (AtMost("since", 200), MoreThan("until", 200))
        at_199 = (AtMost("since", 199), MoreThan("until", 199))

        assert self._found(index, *at_200)[0] == {"new", "inner"}
        assert self._found(index, *at_199)[0] == {"old", "inner"}

    def test_every_condition_must_hold(self, index: VectorIndex) -> None:
        both = (AnyOf("audience", ("customer",)), AnyOf("products", ("tv", "*")))

        assert self._found(index, *both) == ({"new"}, {"new"})

    def test_unknown_word_finds_nothing(self, index: VectorIndex) -> None:
        assert self._found(index, AnyOf("audience", ("nobody",))) == (set(), set())


class TestWrite:
    def test_same_id_replaces(self, index: VectorIndex) -> None:
        index.write([_point("a", terms=[1])])

        index.write([_point("a", terms=[2], revision="r2")])

        assert _names(index.search(_ask(1)), "a")[1] == []
        assert index.inventory() == {_id("a"): "r2"}

    def test_removed_points_are_gone(self, index: VectorIndex) -> None:
        index.write([_point("a"), _point("b")])

        index.write([], remove=[_id("a"), _id("never there")])

        assert set(index.inventory()) == {_id("b")}

    def test_inventory_lists_more_than_one_page(self, index: VectorIndex) -> None:
        index.write([_point(f"p{i}") for i in range(1_100)])

        assert len(index.inventory()) == 1_100


class TestReplace:
    def test_only_the_new_generation_is_left(self, index: VectorIndex) -> None:
        index.write([_point("a"), _point("b")])

        index.replace([_point("b", revision="r2"), _point("c")])

        assert index.inventory() == {_id("b"): "r2", _id("c"): "r1"}
        assert set(_names(index.search(_ask(1)), "a", "b", "c")[1]) == {"b", "c"}

    def test_old_generation_answers_while_the_new_one_is_built(self, index: VectorIndex) -> None:
        index.write([_point("a")])
        seen: list[int] = []

        def points() -> Iterator[IndexPoint]:
            yield _point("b")
            seen.append(len(index.inventory()))
            seen.append(len(index.search(_ask(1)).sparse))

        index.replace(points())

        assert seen == [1, 1]

    def test_failure_while_building_leaves_the_old_generation(self, index: VectorIndex) -> None:
        index.write([_point("a")])

        def broken() -> Iterator[IndexPoint]:
            yield _point("b")
            raise RuntimeError

        with pytest.raises(RuntimeError):
            index.replace(broken())

        assert set(index.inventory()) == {_id("a")}

    def test_empty_generation_is_one(self, index: VectorIndex) -> None:
        index.write([_point("a")])

        index.replace([])

        assert index.inventory() == {}


def test_closed_index_opens_again_on_use(tmp_path: Path) -> None:
    index = EdgeIndex(tmp_path, WIDTH)
    index.write([_point("a")])

    index.close()

    assert set(index.inventory()) == {_id("a")}
    index.close()
