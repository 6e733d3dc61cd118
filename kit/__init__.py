"""Tools without domain words: settings, database, jobs, text, ports to models. Knows no other package."""
