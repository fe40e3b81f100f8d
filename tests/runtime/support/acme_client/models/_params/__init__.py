"""Parameters of the invented models, as datamodel-code-generator makes them."""
