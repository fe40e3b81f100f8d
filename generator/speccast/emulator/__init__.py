"""An emulator of an API, made from its specs alone: tests use it instead of spending credits.

`gateway` handles a request in the order of a real gateway, with the `checks`. `service` does the work: `output_request`
reads what a request asks for, `media` makes it, `jobs` keeps the jobs of the asynchronous surface. `state` holds
everything of one emulator, `app` combines it into an application, and `server` runs that.

No code here is specific to a model or an API. The package needs the extra `serve`, so other commands do not import it.
"""
