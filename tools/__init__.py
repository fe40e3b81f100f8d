"""Tools for maintainers: benchmarks, judges, mutation testing and scripts."""
