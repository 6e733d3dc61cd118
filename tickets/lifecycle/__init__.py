"""How a ticket may go: schemes as data, and the one engine that reads them."""
