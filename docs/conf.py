"""Configuration of the documentation site: Sphinx reads the Markdown pages of this folder."""

from k20kg import __version__

project = "k20kg"
author = "The k20kg maintainers"
project_copyright = "The k20kg maintainers. Text: CC BY 4.0"
version = release = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
html_theme = "furo"
html_title = f"k20kg {__version__}"
html_show_sourcelink = False
exclude_patterns = ["_build"]
suppress_warnings = ["myst.xref_missing"]  # anchors of tables; a test follows every link
