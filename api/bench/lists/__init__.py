"""The ticket lists' benchmark: a page, a deep page, a count and a search, beside what one would write first."""
