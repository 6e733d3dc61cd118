"""What a benchmark says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its peer's.

    Attributes:
        ours: Ours, in ``unit``.
        peer: The peer's, in the same unit; ``None`` where there was none to measure.
        unit: e.g. ``jobs/s`` (more is better) or ``ms`` (less is better).
        n: How many single operations of ours stand behind it.
    """

    ours: float
    peer: float | None
    unit: str
    n: int

    @property
    def ratio(self) -> float | None:
        """Ours by the peer's, whichever is better; ``None`` without a peer.

        Example:
            >>> Figure(900.0, 600.0, "jobs/s", 2000).ratio
            1.5
        """
        return self.ours / self.peer if self.peer else None

    def as_json(self) -> dict[str, object]:
        """Return the stable shape that programs read."""
        return {
            "ours": _short(self.ours),
            "peer": _short(self.peer),
            "ratio": _short(self.ratio),
            "unit": self.unit,
            "n": self.n,
        }


def line(name: str, figure: Figure) -> str:
    """Return a figure as a line for a person."""
    peer = "-" if figure.peer is None else f"{figure.peer:.4g}"
    ratio = "-" if figure.ratio is None else f"{figure.ratio:.3g}"
    return f"{name:28} ours {figure.ours:<8.4g} peer {peer:8} ratio {ratio:6} {figure.unit}  n={figure.n}"


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
