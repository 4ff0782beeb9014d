"""One case, one definition: the record check, the verdicts, their evidence and their time."""
