"""The ``jiedai`` command: every command is a few lines over a service."""

from api.cli.app import main

__all__ = ["main"]
