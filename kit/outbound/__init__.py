"""Requests to addresses that people typed in: only where they may go, and never for long (RELIABILITY §0.8)."""
