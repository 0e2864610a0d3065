"""`python -m feedsmith`."""

from feedsmith.cli.main import main

if __name__ == "__main__":
    main()
