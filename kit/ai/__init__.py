"""Ports to whatever guesses: language model, text encoder, picture reader. Vendors live in ``adapters`` only."""
