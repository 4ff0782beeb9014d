"""The command line: a module for each group of commands, `main` to run it."""

from k20kg.cli.root import main, make_app, run

__all__ = ["main", "make_app", "run"]
