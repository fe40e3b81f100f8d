"""The client's runtime: everything that does not depend on the API.

An operation (a call, a submit, waiting for a job, a download) is a generator that yields steps: send a request, sleep,
stream a download (`steps`). All decisions are made in these generators and in the pure functions that they call. The two
drivers in `transport` execute the steps, one synchronously and one asynchronously, so that no decision is written twice.

    client, resources, jobs, results, job_results, output, stream, drop_in     the public classes
      → calls, polling, saving, downloading, streaming      the operations
        → request, response, returned, retry        decisions
        → media, outputs, files, pictures, display  formats
      → transport                                   the drivers, and their pools of connections
        → http                                      the only module that uses the HTTP library
    settings, address, secret, clock, log           the context of an operation
    check, limits, params                           parameters, before anything is sent
    index, options, errors, headers, plain          data, without dependencies

Everything specific to an API is data of `_core`: an `Api`, and a `Parameter` for each parameter of a model. `_core` also
implements authentication, encodings and the JSON of jobs, as the generator and the emulator do.
"""

from typing import Final

PACKAGE: Final = __name__.rpartition(".")[0]
"""Import name of the package; a vendored copy has another one."""
