"""The jobs of the asynchronous surface: how they move on, and for how long they are kept."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specwright.emulator.contract import Jobs
    from specwright.emulator.credits import Receipt
    from specwright.emulator.settings import Settings
    from specwright.emulator.wanted import Wanted
    from specwright.spec.model import State


@dataclass(slots=True)
class Job:
    """One job. `failure` is why it will fail, if it will; `finished` is when it got to its last state."""

    id: str
    slug: str
    wanted: Wanted
    receipt: Receipt
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

    def __len__(self) -> int:
        return len(self._unfinished) + len(self._finished)

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
        self._expire()
        while len(self) >= max(self._settings.max_jobs, 1):
            jobs = self._finished or self._unfinished
            del jobs[next(iter(jobs))]
        job = Job(uuid.uuid4().hex, slug, wanted, receipt, failure, is_stuck)
        self._unfinished[job.id] = job
        self._finish_if_due(job)
        return job

    def find(self, job_id: str) -> Job | None:
        """The job with an id, unless there is none or its retention is over."""
        self._expire()
        return self._unfinished.get(job_id) or self._finished.get(job_id)

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
        pending = self._surface.pending
        if job.is_stuck:
            return pending[min(job.polls, len(pending)) - 1] if job.polls else pending[0]
        # Every state on the way has its share of the polls, and the last poll before the end finds the last of them.
        share = -(-job.polls * len(pending) // self._settings.progress.polls)
        return pending[max(share, 1) - 1]

    def _finish_if_due(self, job: Job) -> None:
        if job.finished is not None:
            return
        is_due = job.polls > self._settings.progress.polls or self._settings.progress.polls == 0
        if self._surface.pending and (job.is_stuck or not is_due):
            return
        job.finished = self._settings.clock.now()
        self._finished[job.id] = self._unfinished.pop(job.id)

    def _expire(self) -> None:
        retention = self._surface.retention
        if retention is None:
            return
        oldest = self._settings.clock.now() - retention
        while self._finished:
            job = next(iter(self._finished.values()))
            if job.finished is None or job.finished >= oldest:
                return
            del self._finished[job.id]
