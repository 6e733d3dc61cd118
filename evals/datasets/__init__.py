"""Converters: one module a data set, from its own form to the suites' files. No public data lives here."""
