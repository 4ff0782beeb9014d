"""Workbooks: what stands in which cell, written and read."""
