"""The edge: the only package that knows all others, HTTP, the command line and the screens."""
