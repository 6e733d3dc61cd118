"""HTTP routes: thin; parse, call a service inside one unit of work, shape the answer."""
