"""Other definitions, other values: compare verdicts, and see what they hang on."""
