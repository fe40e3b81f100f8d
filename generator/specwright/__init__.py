"""Specwright: typed clients for hosted AI models, generated from one YAML spec per model."""
