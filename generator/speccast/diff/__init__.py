"""What a change of specs means for those who use the API, its client, its command line or a vendored copy.

versions   two versions of an API, from git, a folder, a bundle or a client
  → compare    walks both, and calls the rules with each pair of APIs, models and parameters
  → rules      one module for each family; a rule yields changes with their effects and a witness
  → outcome    the version that the changes require
  → reports    text, JSON, Markdown, annotations
"""
