"""``python -m k20kg.cli``."""

from k20kg.cli.root import run

run()
