"""Imports of tickets from files: what was brought, what is wrong with it, how far it got."""
