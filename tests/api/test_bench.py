"""The benchmarks' command: what it prints, what it does without servers, and that it leaves nothing behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import POSTGRES_URL
from sqlalchemy import create_engine

from api.bench.adapters.bare_celery import PeerSpec, require_broker
from api.bench.errors import BenchStuck, NoBroker, NoPostgres
from api.bench.jobs import percentile
from api.bench.processes import running
from api.bench.repository import own_postgres_database
from api.bench.schemas import Figure, line
from api.bench.starts import StartTimes

BROKER_URL = os.environ.get("JIEDAI_TEST_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//")
NOBODY = "127.0.0.1:9"  # the port of "discard": nothing listens there
SMALL = ["--jobs", "40", "--pickups", "3", "--enqueues", "3", "--rounds", "1", "--json"]
FIGURES = {
    "jobs_embedded_drain": ("jobs/s", 40),
    "jobs_celery_drain": ("jobs/s", 40),
    "jobs_pickup_p50_ms": ("ms", 3),
    "jobs_pickup_p95_ms": ("ms", 3),
    "jobs_pickup_max_ms": ("ms", 3),
    "jobs_handover_p95_ms": ("ms", 3),
    "jobs_enqueue": ("jobs/s", 3),
}


def _bench(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli", "bench", "jobs", *SMALL, *arguments]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110, check=False)


def _require_servers() -> None:
    try:
        require_broker(BROKER_URL)
        with own_postgres_database(POSTGRES_URL, "jiedai-bench-probe"):
            pass
    except (NoBroker, NoPostgres) as error:
        if os.environ.get("CI"):
            pytest.fail(f"{error}; in CI that is a failure")
        pytest.skip(str(error))


@pytest.mark.slow
def test_it_prints_each_figure_beside_its_peer(tmp_path: Path) -> None:
    _require_servers()

    done = _bench(tmp_path, "--broker", BROKER_URL, "--postgres", POSTGRES_URL)

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert {name: (f["unit"], f["n"]) for name, f in figures.items()} == FIGURES
    assert all(f["ratio"] == pytest.approx(f["ours"] / f["peer"], rel=0.01) for f in figures.values())
    assert "load average" in done.stderr
    # A pool's process that is ended leaves multiprocessing's own empty folder now and then.
    assert [path for path in tmp_path.iterdir() if not path.name.startswith("pymp-")] == []


def test_without_a_broker_it_says_so_and_measures_the_rest(tmp_path: Path) -> None:
    done = _bench(tmp_path, "--broker", f"amqp://somebody:secret@{NOBODY}//")

    assert done.returncode == 0, done.stderr
    assert f"No RabbitMQ at {NOBODY}" in done.stderr
    assert "secret" not in done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == set(FIGURES) - {"jobs_celery_drain"}
    assert figures["jobs_embedded_drain"]["ours"] > 0
    assert figures["jobs_embedded_drain"]["peer"] is figures["jobs_embedded_drain"]["ratio"] is None


class TestOwnPostgresDatabase:
    def test_it_is_gone_even_where_the_measurement_fails(self) -> None:
        _require_servers()
        name = f"jiedai-bench-test-{os.getpid()}"

        with pytest.raises(RuntimeError), own_postgres_database(POSTGRES_URL, name) as url:  # noqa: PT012 - the subject
            assert name in url
            raise RuntimeError

        engine = create_engine(POSTGRES_URL)
        with engine.connect() as connection:
            left = connection.exec_driver_sql(f"SELECT count(*) FROM pg_database WHERE datname = '{name}'").scalar()
        engine.dispose()
        assert left == 0

    def test_a_server_that_is_not_there_is_named(self) -> None:
        url = f"postgresql+psycopg://postgres@{NOBODY}/postgres"

        with pytest.raises(NoPostgres, match=NOBODY), own_postgres_database(url, "never"):
            pytest.fail("nobody listens there")


def test_a_worker_that_dies_is_not_waited_for(tmp_path: Path) -> None:
    wrong = PeerSpec("amqp://", "q", str(tmp_path / "starts"), 1).arguments()[:2]

    with running("api.bench.adapters.bare_celery", wrong, tmp_path / "log") as worker, pytest.raises(BenchStuck) as end:
        worker.wait_until(lambda: False)

    assert "ValueError" in end.value.message("en")


def test_start_times_are_shared_by_their_file(tmp_path: Path) -> None:
    here, there = (StartTimes(tmp_path / "starts", 3) for _ in range(2))

    there.mark(2, 5.0)
    there.mark(0, 3.5)

    assert (here.begun(), here.of(1), here.of(2)) == (2, 0.0, 5.0)
    there.mark(1, 4.0)
    assert here.span_seconds() == 1.5


def test_a_figure_without_a_peer_has_no_ratio() -> None:
    alone, beside = Figure(1234.56, None, "jobs/s", 9), Figure(3.0, 4.0, "ms", 9)

    assert alone.as_json() == {"ours": 1235.0, "peer": None, "ratio": None, "unit": "jobs/s", "n": 9}
    assert beside.ratio == 0.75
    assert line("jobs_x", beside).split() == ["jobs_x", "ours", "3", "peer", "4", "ratio", "0.75", "ms", "n=9"]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1.0, 20)])
def test_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile([float(n) for n in range(20, 0, -1)], share) == expected
