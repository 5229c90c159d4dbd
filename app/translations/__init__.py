"""Texts for people, in every language: `LANGUAGE/AREA.json`, one area for each page or panel (docs/translations.md)."""
