"""The entry point of the command line, and `python -m speccast`."""

import sys


def main() -> None:
    """Run the command line and exit with its exit code."""
    try:
        from speccast.cli import main as run

        run()
    except KeyboardInterrupt:  # while modules were imported
        sys.exit(130)


if __name__ == "__main__":
    main()
