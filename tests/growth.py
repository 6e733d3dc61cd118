"""How the cost of a step grows with its input: for texts that are made to be dear (RELIABILITY A35).

A bound in seconds says something about the machine and its other guests. A ratio of two costs in the same thread, with
the collector at rest, says it about the step: sixteen times the text costs a linear step about sixteen times as much
and a quadratic one 256 times, and the bound lies where neither comes near.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time

FACTOR = 16
BOUND = 80
"""Five times the linear growth, a third of the quadratic one."""
TOO_SHORT_SECONDS = 0.002
"""Below this the clock's own step and the call's fixed cost blur the ratio; the small input counts as this dear."""


def assert_linear(act: Callable[[str], object], unit: str, chars: int) -> None:
    """Do something with a text and with one `FACTOR` times shorter, and compare.

    Args:
        act: The step; it may remember nothing of a call.
        unit: What the text repeats.
        chars: The longer text's length.

    Raises:
        AssertionError: The longer text costs more than `BOUND` times the shorter one.
    """
    small, large = (_cost(act, unit * (length // len(unit))) for length in (chars // FACTOR, chars))

    assert large < BOUND * max(small, TOO_SHORT_SECONDS), f"{FACTOR} x the text costs {large / small:.0f} x"


def _cost(act: Callable[[str], object], text: str) -> float:
    return min(_seconds(act, text) for _ in range(3))


def _seconds(act: Callable[[str], object], text: str) -> float:
    # CPU time of this thread: on a shared machine the wall clock measures the neighbours too. The collector would
    # charge the step for every object that other tests have left in the process.
    with _collector_at_rest():
        begun = thread_time()
        act(text)
        return thread_time() - begun


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
