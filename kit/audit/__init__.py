"""The audit: who did what to what, append-only, sealed into a hash chain afterwards."""
