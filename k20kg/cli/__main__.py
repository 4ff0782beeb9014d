"""``python -m k20kg.cli``."""

import sys

from k20kg.cli.root import main

sys.exit(main())
