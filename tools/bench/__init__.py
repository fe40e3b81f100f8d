"""Measures Speccast side by side with its peers, in one run: `make bench`. See README.md for the figures."""
