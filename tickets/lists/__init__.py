"""Lists of tickets: filtered, sorted, searched, saved as views, and paged without counting what was passed."""
