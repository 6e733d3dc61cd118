"""Durable jobs: the database is the truth, a broker only a doorbell (ARCHITECTURE §4)."""
