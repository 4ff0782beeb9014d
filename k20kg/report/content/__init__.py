"""Content of a report that every drawer shows: what carries a verdict, the cover, stand-ins."""
