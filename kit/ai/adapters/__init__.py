"""The only modules that import a model vendor."""
