"""The whole site: index pages, its manifest and the static copy."""
