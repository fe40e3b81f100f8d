"""An emulator of an API, made from its specs alone: what tests talk to instead of spending credits.

A request passes through it as through a real gateway (`gateway`, the whole order in one function): `auth`, `routes`,
`body`, `validation`, then the work. `wanted` reads from a request what is to be made, `media` makes it; `jobs` keeps
the jobs of the asynchronous surface; `contract` is what the specs say of paths, names, states and texts. `app` puts the
parts together, `server` runs them.

No code here is about one model or one API. The package needs the extra `serve`, so nothing imports it on the way to
another command.
"""
