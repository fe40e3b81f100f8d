"""Batches of a generated client under fire: killed at random moments, and measured."""
