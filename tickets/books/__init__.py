"""Books: the documents of rules that the business edits (service levels, calendars, routing, forms …), in editions."""
