"""Parameter models, one module a model, as datamodel-code-generator makes them from the specs."""
