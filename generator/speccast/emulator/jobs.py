"""The jobs of the asynchronous surface: how they progress, and how long they are kept."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.core.api import JobState
    from speccast.emulator.credits import Receipt
    from speccast.emulator.job_states import JobStates
    from speccast.emulator.output_request import OutputRequest
    from speccast.emulator.settings import EmulatorSettings


@dataclass(slots=True)
class EmulatedJob:
    """One job. `failure` is why it will fail, if it will. `submitted` and `finished` are times of the emulator's clock.

    A canceled job is finished.
    """

    id: str
    slug: str
    output: OutputRequest
    receipt: Receipt
    submitted: float
    failure: str | None = None
    is_stuck: bool = False
    polls: int = 0
    finished: float | None = None
    is_canceled: bool = False

    @property
    def has_output(self) -> bool:
        return self.finished is not None and self.failure is None and not self.is_canceled


class JobStore:
    """The jobs of an emulator, at most `settings.max_jobs`: the job that finished first is removed first."""

    def __init__(self, states: JobStates, retention: float | None, settings: EmulatorSettings) -> None:
        self._states = states
        self._retention = retention
        self._settings = settings
        # In the order of submission and of finishing, so that the oldest is found without a search.
        self._unfinished: dict[str, EmulatedJob] = {}
        self._finished: dict[str, EmulatedJob] = {}
        self._stuck: dict[str, EmulatedJob] = {}

    def __len__(self) -> int:
        return len(self._unfinished) + len(self._finished) + len(self._stuck)

    def submit(
        self,
        slug: str,
        output: OutputRequest,
        receipt: Receipt,
        *,
        failure: str | None = None,
        is_stuck: bool = False,
    ) -> EmulatedJob:
        """Add a job."""
        self._update()
        while len(self) >= self._settings.max_jobs:
            jobs = self._finished or self._unfinished or self._stuck
            del jobs[next(iter(jobs))]
        now = self._settings.clock.now()
        is_stuck = is_stuck and bool(self._states.pending)
        job = EmulatedJob(secrets.token_hex(16), slug, output, receipt, now, failure, is_stuck)
        (self._stuck if is_stuck else self._unfinished)[job.id] = job
        self._finish_if_due(job)
        return job

    def find(self, job_id: str) -> EmulatedJob | None:
        """Return the job with an id, or None if it is unknown or its retention is over."""
        self._update()
        return self._unfinished.get(job_id) or self._finished.get(job_id) or self._stuck.get(job_id)

    def finished(self, job_id: str) -> EmulatedJob | None:
        """Return a finished job without changing anything, so that other threads can look for one as well."""
        return self._finished.get(job_id)

    def poll(self, job: EmulatedJob) -> JobState:
        """Return the state that a poll of the status or the result reports. Each poll advances the job."""
        job.polls += 1
        self._finish_if_due(job)
        return self.state(job)

    def cancel(self, job: EmulatedJob) -> bool:
        """Cancel a job, and return whether it was unfinished. A finished one stays as it is."""
        if job.finished is not None:
            return False
        job.is_canceled, job.finished = True, self._settings.clock.now()
        self._unfinished.pop(job.id, None)
        self._stuck.pop(job.id, None)
        self._finished[job.id] = job
        return True

    def state(self, job: EmulatedJob) -> JobState:
        """Return the state that the last poll reported."""
        if job.is_canceled:
            return self._states.canceled or self._states.failed or self._states.succeeded
        if job.finished is not None:
            failed = self._states.failed
            return failed if job.failure is not None and failed is not None else self._states.succeeded
        pending, progress = self._states.pending, self._settings.progress
        # All pending states have an equal share of the time or the polls; the last poll reports the last of them.
        if progress.seconds:
            passed = self._settings.clock.now() - job.submitted
            return pending[min(int(passed * len(pending) / progress.seconds), len(pending) - 1)]
        if job.is_stuck:
            return pending[min(job.polls, len(pending)) - 1] if job.polls else pending[0]
        if job.polls == 1 and progress.polls > 1:
            return pending[0]  # also with more states than polls
        share = -(-job.polls * len(pending) // progress.polls)
        return pending[max(share, 1) - 1]

    def _finish_if_due(self, job: EmulatedJob) -> None:
        if job.finished is not None or job.is_stuck:
            return
        progress, now = self._settings.progress, self._settings.clock.now()
        if not self._states.pending:
            job.finished = now
        elif progress.seconds is not None:
            due = job.submitted + progress.seconds
            job.finished = due if due <= now else None
        elif job.polls > progress.polls or progress.polls == 0:
            job.finished = now
        if job.finished is not None:
            self._finished[job.id] = self._unfinished.pop(job.id)

    def _update(self) -> None:
        """Apply what time alone changes: finish jobs that are due, remove those whose retention is over."""
        if self._settings.progress.seconds is not None:
            # All jobs take the same time, so they finish in the order of submission.
            for job in list(itertools.takewhile(self._is_due, self._unfinished.values())):
                self._finish_if_due(job)
        if self._retention is None:
            return
        oldest = self._settings.clock.now() - self._retention
        while self._finished:
            job = next(iter(self._finished.values()))
            if job.finished is None or job.finished >= oldest:
                return
            del self._finished[job.id]

    def _is_due(self, job: EmulatedJob) -> bool:
        return job.submitted + (self._settings.progress.seconds or 0) <= self._settings.clock.now()
