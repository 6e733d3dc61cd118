"""Routing and assignment: which group a ticket goes to by the book, which person by skill and load, and why."""
