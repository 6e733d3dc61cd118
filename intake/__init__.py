"""From a customer's message to an understood request: extraction, classification, dialogue, drafting."""
