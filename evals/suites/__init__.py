"""One module a suite; ``evals.registry`` lists them by name."""
