"""Sends messages in batches, many at a time, and knows exactly which of them SQS accepted.

Messages are sent in the order of the file. Only a bounded number of batches is in memory, so a million jobs
need no more memory than a thousand.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Callable, Iterable, List, Sequence, Tuple

from ..terminal.signals import DeferredInterrupt
from .job_numbers import JobNumbers, from_numbers

THREADS = 32
# Attempts for entries that SQS rejects (with HTTP 200), and the first pause in seconds.
ENTRY_ATTEMPTS = 8
_FIRST_PAUSE = 0.2

Numbered = Tuple[int, str]
SendBatch = Callable[[Sequence[str]], List[int]]


@dataclass
class Sent:
    """The outcome: ``missing`` are the numbers of the jobs that were not sent."""

    count: int = 0
    failed: list[int] = field(default_factory=list)
    next_number: int | None = None
    error: BaseException | None = None
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        return not self.failed and self.next_number is None

    @property
    def missing(self) -> JobNumbers:
        return from_numbers(self.failed, self.next_number)


def send_all(
    batches: Iterable[list[Numbered]],
    send: SendBatch,
    sleep: Callable[[float], None],
    sent_so_far: Callable[[int], None] = lambda count: None,
) -> Sent:
    """Send every batch. Stops at the first one that cannot be sent, or on Ctrl-C.

    ``send`` takes the bodies of a batch and returns the positions that were rejected. Batches in flight are
    awaited, so that the answer is exact. Nothing is raised: see Sent.error.
    """
    sent = Sent()
    pending: set[Future[tuple[int, list[int], BaseException | None]]] = set()

    def settle() -> None:
        nonlocal pending
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            count, failed, error = future.result()
            sent.count += count
            sent.failed += failed
            sent.error = sent.error or error
        sent_so_far(sent.count)

    with ThreadPoolExecutor(THREADS) as pool, DeferredInterrupt() as interrupt:

        def pause(seconds: float) -> None:
            if not interrupt.pressed:
                sleep(seconds)

        for batch in batches:
            if len(pending) >= 2 * THREADS:
                settle()
            if sent.error or interrupt.pressed:
                sent.next_number = batch[0][0]
                break
            pending.add(pool.submit(_send_entries, batch, send, pause))
        while pending:
            settle()
        sent.interrupted = interrupt.pressed
    return sent


def _send_entries(
    batch: list[Numbered], send: SendBatch, pause: Callable[[float], None]
) -> tuple[int, list[int], BaseException | None]:
    """Send one batch, and retry what was rejected. Returns (sent, numbers not sent, why)."""
    left = batch
    try:
        for attempt in range(ENTRY_ATTEMPTS):
            failed = send([body for _, body in left])
            left = [left[at] for at in failed]
            if not left:
                break
            pause(_FIRST_PAUSE * 2**attempt)
    except Exception as error:  # a thread's error is told by the one who waits for it
        return len(batch) - len(left), [number for number, _ in left], error
    refusal = RuntimeError("SQS did not take some entries of a batch") if left else None
    return len(batch) - len(left), [number for number, _ in left], refusal
