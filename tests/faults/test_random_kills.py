"""P1: of what was acknowledged nothing is lost and nothing happens twice, whatever is killed and whenever."""

import os
import secrets
from pathlib import Path

import pytest
from faults.campaign import Plan, run
from faults.client import Habits
from faults.figures import tell
from faults.house import HouseMaker
from faults.nemesis import Kill

MESSAGES = int(os.environ.get("JIEDAI_FAULTS_MESSAGES", "2000"))
KILLS = int(os.environ.get("JIEDAI_FAULTS_KILLS", "20"))
SEED = int(os.environ.get("JIEDAI_FAULTS_SEED", "0")) or secrets.randbelow(1_000_000) + 1
_TOLD_MESSAGES = 400
_TOLD_KILLS = 6
_EARLY_MESSAGES = 150
_EARLY_KILLS = 10
_ONE_BURST = Habits(bursts=1)  # a next burst would be understood together with the lost one, and so mend it
_TIMEOUT_SECONDS = 900 + MESSAGES / 4 + 20 * KILLS


@pytest.mark.timeout(_TIMEOUT_SECONDS)
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(make_house: HouseMaker, tmp_path: Path) -> None:
    plan = Plan(MESSAGES, KILLS, tuple(Kill), SEED)
    tell(f"JIEDAI_FAULTS_SEED={SEED}")

    outcome = run(make_house(), plan, tmp_path)

    tell(outcome.report(plan))
    assert outcome.verdict.clean, outcome.report(plan)
    assert outcome.verdict.acknowledged >= MESSAGES
    assert outcome.kills.total() == KILLS


def test_what_is_told_outside_arrives_under_one_id(make_house: HouseMaker, tmp_path: Path) -> None:
    """P3: nothing that a receiver was to be told is lost, nothing comes under two ids, every signature is right."""
    kinds = (Kill.WORKER, Kill.WORKER_CHILD, Kill.BROKER, Kill.DATABASE)
    plan = Plan(_TOLD_MESSAGES, _TOLD_KILLS, kinds, SEED, told=True)

    outcome = run(make_house(), plan, tmp_path)

    tell(outcome.report(plan))
    assert outcome.verdict.clean, outcome.report(plan)
    assert outcome.verdict.told


def test_a_worker_that_acknowledges_too_early_is_found_out(make_house: HouseMaker, tmp_path: Path) -> None:
    """The proof's own proof: with the effect written after the job is marked done, the same kills lose something."""
    plan = Plan(_EARLY_MESSAGES, _EARLY_KILLS, (Kill.WORKER_CHILD,), SEED)

    outcome = run(make_house(worker="early_ack"), plan, tmp_path, _ONE_BURST)

    tell(outcome.report(plan))
    assert outcome.verdict.lost, outcome.report(plan)
