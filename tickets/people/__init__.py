"""Staff and their programs: who may sign in, as what, and with which tokens."""
