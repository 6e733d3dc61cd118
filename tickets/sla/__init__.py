"""Service levels: calendars, targets, the clocks that run on them, and why a clock ends when it does (ADR-0020)."""
