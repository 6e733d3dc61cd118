"""Benchmarks: our services beside a public peer, on this machine, at equal durability. A module a benchmark."""
