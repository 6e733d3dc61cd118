import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from kit.index.adapters.edge import EdgeIndex
from kit.index.ports import (
    AnyOf,
    AtMost,
    Condition,
    IndexOwned,
    IndexPoint,
    IndexQuery,
    IndexUnavailable,
    MoreThan,
    SparseVector,
)

ROOT = Path(__file__).parents[2]
POINT = IndexPoint(
    "e1407479-3136-56c0-9908-bb02fb0339e2",
    np.array([1, 0, 0, 0], dtype=np.float32),
    SparseVector((1,), (1.0,)),
    {"kind": "faq"},
    "r1",
)
QUERY = IndexQuery(POINT.dense, POINT.sparse)


@pytest.fixture
def index(tmp_path: Path) -> EdgeIndex:
    return EdgeIndex(tmp_path / "index", 4)


def _elsewhere(folder: Path) -> str:
    """Open the index in another process; return what it printed."""
    code = (
        "import sys; from pathlib import Path; from kit.index.adapters.edge import EdgeIndex\n"
        "from kit.index.ports import IndexOwned\n"
        "index = EdgeIndex(Path(sys.argv[1]), 4)\n"
        "try: print(len(index.inventory()))\n"
        "except IndexOwned as error: print(error.message_zh, error)\n"
    )
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


class TestIndexedFields:
    """A large collection's fields are indexed; its filters must say what they say of a small one."""

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (AnyOf("kind", ("sop",)), {1, 4, 298}),
            (AnyOf("lines", ("tv", "fridge")), {2, 5, 299}),
            (AtMost("since", 1), {0, 1}),
            (MoreThan("since", 297), {298, 299}),
        ],
    )
    def test_filters_find_the_same(self, index: EdgeIndex, condition: Condition, expected: set[int]) -> None:
        points = [
            replace(
                POINT,
                id=str(UUID(int=n)),
                payload={
                    "kind": ("faq", "sop", "policy")[n % 3],
                    "lines": (("*",), ("*",), ("tv", "x"))[n % 3],
                    "since": n,
                },
            )
            for n in range(300)
        ]
        index.replace(points)
        index.close()  # what is asked below is loaded from the folder

        found = {UUID(h.id).int for h in index.search(replace(QUERY, conditions=(condition,), limit=300)).dense}

        assert expected <= found
        assert found == {n for n, point in enumerate(points) if _holds(point, condition)}
        index.close()


def _holds(point: IndexPoint, condition: Condition) -> bool:
    value = point.payload[condition.field]
    if isinstance(condition, AnyOf):
        return bool(set(value if isinstance(value, tuple) else (value,)) & set(condition.values))
    assert isinstance(value, int)
    return value <= condition.number if isinstance(condition, AtMost) else value > condition.number


class TestOwnership:
    def test_second_process_is_told_who_owns_it(self, index: EdgeIndex, tmp_path: Path) -> None:
        index.open()

        said = _elsewhere(tmp_path / "index")

        assert f"pid {os.getpid()}" in said
        assert "另一个进程" in said
        index.close()

    def test_closed_index_may_be_owned_by_another(self, index: EdgeIndex, tmp_path: Path) -> None:
        index.write([POINT])
        index.close()

        assert _elsewhere(tmp_path / "index").strip() == "1"

    def test_second_index_in_the_same_process_is_refused_too(self, index: EdgeIndex, tmp_path: Path) -> None:
        index.open()

        with pytest.raises(IndexOwned):
            EdgeIndex(tmp_path / "index", 4).search(QUERY)
        index.close()

    def test_nothing_is_owned_before_first_use(self, index: EdgeIndex, tmp_path: Path) -> None:
        assert not (tmp_path / "index").exists()


class TestLife:
    def test_points_outlive_the_process(self, index: EdgeIndex, tmp_path: Path) -> None:
        index.write([POINT])
        index.close()

        again = EdgeIndex(tmp_path / "index", 4)

        assert [hit.id for hit in again.search(QUERY).dense] == [POINT.id]
        again.close()

    def test_another_encoder_finds_it_empty(self, tmp_path: Path) -> None:
        first = EdgeIndex(tmp_path, 4, "encoder-a")
        first.write([POINT])
        first.close()

        second = EdgeIndex(tmp_path, 4, "encoder-b")

        assert second.inventory() == {}
        second.close()

    def test_another_width_finds_it_empty(self, index: EdgeIndex, tmp_path: Path) -> None:
        index.write([POINT])
        index.close()

        wider = EdgeIndex(tmp_path / "index", 8)

        assert wider.inventory() == {}
        wider.close()

    @pytest.mark.parametrize("broken", ["CURRENT", "gen-1/edge_config.json"])
    def test_broken_files_make_an_empty_index(self, index: EdgeIndex, tmp_path: Path, broken: str) -> None:
        """F14: derived data is given up and built again, never a crash at every start."""
        index.write([POINT])
        index.close()
        (tmp_path / "index" / broken).write_text("{", encoding="utf-8")

        again = EdgeIndex(tmp_path / "index", 4)

        assert again.inventory() == {}
        again.write([POINT])
        assert len(again.inventory()) == 1
        again.close()

    def test_half_built_generation_of_a_crash_is_swept(self, index: EdgeIndex, tmp_path: Path) -> None:
        index.write([POINT])
        index.close()
        (tmp_path / "index" / "gen-2" / "segments").mkdir(parents=True)

        again = EdgeIndex(tmp_path / "index", 4)

        assert len(again.inventory()) == 1
        assert [p.name for p in (tmp_path / "index").glob("gen-*")] == ["gen-1"]
        again.close()

    def test_replace_leaves_one_generation_on_disk(self, index: EdgeIndex, tmp_path: Path) -> None:
        index.write([POINT])

        index.replace([POINT])
        index.replace([POINT])

        assert [p.name for p in (tmp_path / "index").glob("gen-*")] == ["gen-3"]
        index.close()

    def test_what_the_engine_refuses_is_unavailable(self, index: EdgeIndex) -> None:
        index.open()

        with pytest.raises(IndexUnavailable):
            index.search(IndexQuery(np.ones(7, dtype=np.float32), SparseVector()))
        index.close()
