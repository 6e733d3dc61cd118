"""Order number, model and fault code out of words and pictures, each with its evidence. No model, no network."""
