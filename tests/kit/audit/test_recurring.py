"""Sealing goes on by itself: the sweepers plant its job, once for all of them."""

from kit.audit.schemas import SEAL, SEAL_EVERY
from kit.db import Database
from kit.jobs.queue import JobQueue, LocalDoorbell
from kit.jobs.schemas import JobState, Routine
from kit.jobs.sweeper import Sweeper
from kit.settings import JobSettings


def test_several_sweepers_plant_a_recurring_job_once_each_time(database: Database, clock) -> None:
    routines = (Routine(SEAL, SEAL_EVERY),)
    sweepers = [Sweeper(database, clock, LocalDoorbell(), JobSettings(), routines) for _ in range(2)]

    def waiting() -> int:
        for sweeper in sweepers:
            sweeper.sweep()
        with database.reading() as session:
            listed = JobQueue(clock, LocalDoorbell()).listing(session, {JobState.DUE}, 50)
        return sum(job.kind == SEAL.name for job in listed)

    assert waiting() == 1
    clock.instant += SEAL_EVERY
    assert waiting() == 1  # nobody has taken it yet: still the same one
