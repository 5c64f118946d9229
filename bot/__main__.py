"""`python -m bot` is `shangan`."""

from bot.cli import main

if __name__ == "__main__":
    main()
