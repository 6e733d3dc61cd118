"""Vendors of language models behind the copilot's ports."""
