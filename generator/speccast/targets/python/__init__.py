"""The target python: names, types, documentation and safe literals of the generated client."""
