"""Measures Speccast and its peers in alternating runs: `make bench`. README.md has the figures."""
