"""For a case of one's own: what to enter, and what to ask next."""
