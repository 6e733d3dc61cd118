"""One fault at a time, on the worker's side (P6; F03, F04, F25)."""

import signal
import time

from faults.campaign import settle
from faults.figures import tell_seconds
from faults.house import House, kill_quietly
from faults.planted import POISON, QUICK, SLOW
from faults.probe import PATIENCE_SECONDS, job, jobs, open_talk, pid_of_running, plant, ready, wait_state
from faults.process import runs, until

RERUN_SECONDS = 10.0
SERVING_SECONDS = 15.0
ALL_DUE_SECONDS = 60.0
RED_SECONDS = 45.0
_MAX_ATTEMPTS = 5


class TestKilledWorker:
    """F03, P6: what a killed process was doing is done by another one within ten seconds."""

    def test_the_job_of_a_killed_child_runs_again(self, house: House) -> None:
        (job_id,) = plant(house, SLOW, ["300-child"])
        kill_quietly(pid_of_running(house, "300-child"))

        seconds = wait_state(house, job_id, "done", PATIENCE_SECONDS)

        tell_seconds("killed child, job done by another one", seconds)
        assert seconds <= RERUN_SECONDS
        assert job(house, job_id).attempts == 2

    def test_the_job_of_a_worker_killed_with_its_children_runs_again(self, house: House) -> None:
        (job_id,) = plant(house, SLOW, ["300-whole"])
        pid_of_running(house, "300-whole")
        begun = time.monotonic()
        house.worker.kill_session()
        house.worker.start()

        wait_state(house, job_id, "done", PATIENCE_SECONDS)

        seconds = time.monotonic() - begun
        tell_seconds("killed worker, started again, job done", seconds)
        assert seconds <= RERUN_SECONDS
        assert job(house, job_id).attempts == 2

    def test_children_of_a_killed_parent_end_their_job_and_themselves(self, house: House) -> None:
        (job_id,) = plant(house, SLOW, ["4-orphan"])
        orphan = pid_of_running(house, "4-orphan")
        left = house.worker.children()
        assert orphan in left
        house.worker.kill()
        house.worker.start()

        seconds = wait_state(house, job_id, "done", PATIENCE_SECONDS)

        tell_seconds("killed parent, job done", seconds)
        assert seconds <= 4 + RERUN_SECONDS
        until("orphans end", lambda: not any(runs(pid) for pid in left), 30.0, house.tails)


class TestConsumption:
    """F25, P6: a worker that is alive and takes nothing is seen."""

    def test_a_worker_that_stands_still_turns_readiness_red_and_green_again(self, house: House) -> None:
        house.stop_consuming(signal.SIGSTOP)
        begun = time.monotonic()
        try:
            until("/readyz is red", lambda: ready(house).status_code == 503, PATIENCE_SECONDS, house.tails)
            red = time.monotonic() - begun
        finally:
            house.stop_consuming(signal.SIGCONT)
        begun = time.monotonic()
        house.wait_ready()
        green = time.monotonic() - begun

        tell_seconds("worker stopped, readiness red", red)
        tell_seconds("worker continued, readiness green", green)
        assert red <= RED_SECONDS
        assert green <= ALL_DUE_SECONDS


class TestPoison:
    """F04: a job that kills its process on every try is set aside, and takes nothing along."""

    def test_it_is_dead_after_its_tries_while_everything_else_moves(self, house: House) -> None:
        before = plant(house, QUICK, [f"before-{n}" for n in range(20)])
        (poison,) = plant(house, POISON, ["poison"])
        after = plant(house, QUICK, [f"after-{n}" for n in range(20)])
        talk = open_talk(house)
        waits = []
        begun = time.monotonic()
        while job(house, poison).state != "dead":
            assert time.monotonic() - begun < PATIENCE_SECONDS, house.tails()
            assert talk.send().is_success
            waits.append(talk.wait_understood(PATIENCE_SECONDS))

        tell_seconds("poison set aside", time.monotonic() - begun)
        tell_seconds("slowest of the messages meanwhile", max(waits))
        assert job(house, poison).attempts == _MAX_ATTEMPTS
        settle(house, time.monotonic())
        states = {found.id: found.state for found in jobs(house)}
        assert {states[quick] for quick in [*before, *after]} == {"done"}
        assert max(waits) <= SERVING_SECONDS
