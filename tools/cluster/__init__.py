"""Batches of a generated client on a cluster of Ray, with killed nodes."""
