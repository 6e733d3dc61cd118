"""Asking twice, done once: the first answer to a key is kept for a day and given again."""
