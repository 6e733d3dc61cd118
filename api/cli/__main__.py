"""``python -m api.cli``: the same command where nothing is installed."""

from api.cli import main

main()
