"""The client's runtime: everything that does not depend on the API.

An operation (a call, a submit, the wait for a job, a download) is a generator that yields what it wants done: send this,
sleep so long, stream that (`steps`). What to do next is decided in there and in the pure functions that it calls; the
two drivers in `transport` do what was asked, one of them awaiting it. Nothing is decided twice, once for sync and once for
async.

    client, resources, jobs, results, drop_in       what users hold in their hands
      → calls, polling, saving                      the operations
        → request, answer, retry, media, files      decisions and formats
      → transport                                   the drivers, on pools of connections
        → http                                      the only place that knows the HTTP library
    settings, address, secret, clock, log           what an operation knows of its client
    check, limits, params                           parameters, before anything is sent
    api, parameters, index, options, omit, errors   data, without any dependency

What is specific to an API comes in as data: an `Api` (see `api`), and a `Parameter` for each parameter of a model.
"""
