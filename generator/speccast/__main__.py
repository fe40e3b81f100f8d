"""`python -m speccast`."""

from speccast.cli import main

if __name__ == "__main__":
    main()
