"""The models of the invented API."""
