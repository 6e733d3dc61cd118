"""Moving a whole installation to another database."""
