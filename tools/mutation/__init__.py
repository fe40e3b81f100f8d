"""Whether tests fail if client and API disagree, or if a paid request is repeated: `make mutation`. See README.md."""
