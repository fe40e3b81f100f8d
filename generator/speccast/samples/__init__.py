"""Sample values that parameters accept, made from their limits, defaults and examples."""
