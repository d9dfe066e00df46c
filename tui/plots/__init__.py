"""Plots as plain lines of text, told apart by glyphs: no colour is needed, and no widget is known here."""
