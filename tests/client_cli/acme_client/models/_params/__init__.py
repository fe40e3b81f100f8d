"""Parameter models."""
