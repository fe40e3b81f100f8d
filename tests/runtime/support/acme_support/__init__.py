"""Helpers of the runtime's tests."""
