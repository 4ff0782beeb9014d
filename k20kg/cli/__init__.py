"""The command line: a module for each group of commands, `main` to run it."""

from k20kg.cli.root import app, main

__all__ = ["app", "main"]
