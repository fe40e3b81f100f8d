"""The rules of the linter, except those that targets contribute.

Each module contains a family of rules. Its docstring is their documentation: a section for each rule with its code and name, and
with a bad and a good example that the tests run. Codes never change their meaning:

    S3xx  YAML
    A1xx  api.yaml         M2xx  models
    N1xx  names            P1xx  keywords    P2xx  bounds    P3xx  defaults and examples
    E1xx  enums            C1xx  conditions                  D1xx  documentation

S1xx, S2xx and M1xx (`syntax`, `structure`, `folders`) are reported by the reader of specs before any rule runs
(`speccast.specs.codes`). X1xx (`suppressions`) is about suppressions. `speccast drift` reports the rules of `drift`. The catalog
finds all rules that a module here defines.
"""
