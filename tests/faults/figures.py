"""Measured figures, said aloud: pytest shows them with ``-s``, or beside a failure."""


def tell(sentence: str) -> None:
    """Print a figure for a person."""
    print(sentence, flush=True)  # noqa: T201 - that is what it is for


def tell_seconds(what: str, seconds: float) -> None:
    """Print how long something took."""
    tell(f"{what}: {seconds:.1f} s")
