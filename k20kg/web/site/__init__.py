"""The static copy of the site, and redirects for other hosts."""
