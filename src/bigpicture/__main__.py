"""`python -m bigpicture` is the command `bigpicture`."""

from bigpicture.cli import run

if __name__ == "__main__":
    run()
