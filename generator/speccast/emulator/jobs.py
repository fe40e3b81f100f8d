"""The jobs of the asynchronous surface: how they move on, and for how long they are kept."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.core.api import State
    from speccast.emulator.contract import Jobs
    from speccast.emulator.credits import Receipt
    from speccast.emulator.settings import Settings
    from speccast.emulator.wanted import Wanted


@dataclass(slots=True)
class Job:
    """One job. `failure` is why it will fail, if it will; `submitted` and `finished` are when it came and got to its last state."""

    id: str
    slug: str
    wanted: Wanted
    receipt: Receipt
    submitted: float
    failure: str | None = None
    is_stuck: bool = False
    polls: int = 0
    finished: float | None = None


class JobStore:
    """The jobs of an emulator, at most `settings.max_jobs`: the one that finished first is the first to go."""

    def __init__(self, surface: Jobs, settings: Settings) -> None:
        self._surface = surface
        self._settings = settings
        # In the order in which jobs came in, and in which they finished: the oldest is found without a search.
        self._unfinished: dict[str, Job] = {}
        self._finished: dict[str, Job] = {}
        self._stuck: dict[str, Job] = {}

    def __len__(self) -> int:
        return len(self._unfinished) + len(self._finished) + len(self._stuck)

    def submit(
        self,
        slug: str,
        wanted: Wanted,
        receipt: Receipt,
        *,
        failure: str | None = None,
        is_stuck: bool = False,
    ) -> Job:
        """A new job."""
        self._settle()
        while len(self) >= self._settings.max_jobs:
            jobs = self._finished or self._unfinished or self._stuck
            del jobs[next(iter(jobs))]
        now = self._settings.clock.now()
        is_stuck = is_stuck and bool(self._surface.pending)
        job = Job(secrets.token_hex(16), slug, wanted, receipt, now, failure, is_stuck)
        (self._stuck if is_stuck else self._unfinished)[job.id] = job
        self._finish_if_due(job)
        return job

    def find(self, job_id: str) -> Job | None:
        """The job with an id, unless there is none or its retention is over."""
        self._settle()
        return self._unfinished.get(job_id) or self._finished.get(job_id) or self._stuck.get(job_id)

    def poll(self, job: Job) -> State:
        """The state that a poll of the status finds; only such polls move a job on."""
        job.polls += 1
        self._finish_if_due(job)
        return self.state(job)

    def state(self, job: Job) -> State:
        """The state of a job as its last poll found it."""
        if job.finished is not None:
            failed = self._surface.failed
            return failed if job.failure is not None and failed is not None else self._surface.succeeded
        pending, progress = self._surface.pending, self._settings.progress
        # Every state on the way has its share of the time or the polls, and the last look before the end finds the last.
        if progress.seconds:
            passed = self._settings.clock.now() - job.submitted
            return pending[min(int(passed * len(pending) / progress.seconds), len(pending) - 1)]
        if job.is_stuck:
            return pending[min(job.polls, len(pending)) - 1] if job.polls else pending[0]
        share = -(-job.polls * len(pending) // progress.polls)
        return pending[max(share, 1) - 1]

    def _finish_if_due(self, job: Job) -> None:
        if job.finished is not None or job.is_stuck:
            return
        progress, now = self._settings.progress, self._settings.clock.now()
        if not self._surface.pending:
            job.finished = now
        elif progress.seconds is not None:
            due = job.submitted + progress.seconds
            job.finished = due if due <= now else None
        elif job.polls > progress.polls or progress.polls == 0:
            job.finished = now
        if job.finished is not None:
            self._finished[job.id] = self._unfinished.pop(job.id)

    def _settle(self) -> None:
        """Brings everything that time alone changes up to the present: jobs that are done, jobs that are forgotten."""
        if self._settings.progress.seconds is not None:
            # All take equally long, so those that came first are done first.
            for job in list(itertools.takewhile(self._is_over, self._unfinished.values())):
                self._finish_if_due(job)
        retention = self._surface.retention
        if retention is None:
            return
        oldest = self._settings.clock.now() - retention
        while self._finished:
            job = next(iter(self._finished.values()))
            if job.finished is None or job.finished >= oldest:
                return
            del self._finished[job.id]

    def _is_over(self, job: Job) -> bool:
        return job.submitted + (self._settings.progress.seconds or 0) <= self._settings.clock.now()
