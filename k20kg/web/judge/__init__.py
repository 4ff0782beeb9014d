"""Judging a record that a visitor sends."""
