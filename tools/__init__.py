"""What maintainers run beside the product: benchmarks, judges, mutation of the specs and scripts."""
