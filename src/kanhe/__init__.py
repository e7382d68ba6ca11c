"""Kanhe: run a generative-AI service lawfully, and be able to prove it."""

__version__ = "0.1.0"
