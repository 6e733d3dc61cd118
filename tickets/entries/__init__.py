"""Tickets that other systems file: over the API, or brought from an old system in a file."""
