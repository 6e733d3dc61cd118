"""What a customer wants, as a path in the shop's taxonomy with a probability that means what it says."""
