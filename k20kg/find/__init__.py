"""Words to things: a full-text index, and how often each term of the vocabulary is used."""
