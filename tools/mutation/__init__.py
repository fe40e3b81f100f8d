"""Whether the generated tests notice when client and API disagree: `make mutation`. See README.md for the figures."""
