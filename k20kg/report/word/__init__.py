"""Word documents; python-docx, which they need, is imported with the modules of this package."""
