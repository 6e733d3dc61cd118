"""Peers of benchmarks that bring their own libraries."""
