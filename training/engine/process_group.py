"""Several processes train one network: each computes its share of every batch, and all have the same weights.

JAX spreads the arrays of a batch over the processes and adds up what they compute. So mean and variance of batch
normalisation, dropout, loss and gradients are those of the whole batch, as in one process.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from app.errors import AppError, SettingsError
from training.engine.run_dir import LOG, NEWEST, RUN
from training.errors import first_line
from training.tasks.base import Batch, BatchSource

START_TIMEOUT_S = 120  # in which all processes must have been started
# After so long without a sign a process counts as lost. It sends one in a thread of its own, also while it compiles.
HEARTBEAT_TIMEOUT_S = 20
FORM = re.compile(r"(?P<address>[^,\s]+:\d+),(?P<rank>\d+),(?P<count>\d+)")
BROKEN = re.compile("Gloo|[Cc]oordination ?[Ss]ervice")  # in what JAX says of lost connections
LOST = "start all again with the same options to continue; the message of the one that ended first says why it did"


class LostProcess(AppError, RuntimeError):
    """Another process of the training has ended or cannot be reached."""


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """The processes that train one network, and which of them this is. The default is a process that trains alone.

    Attributes:
        address: HOST:PORT at which the first process waits for the others.
        rank: Number of this process from 0. Process 0 writes the run.
        count: How many there are.
    """

    address: str = ""
    rank: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> ProcessGroup:
        """Read ADDRESS,RANK,COUNT.

        Raises:
            SettingsError: the text has another form, or the rank is not below the count.
        """
        found = FORM.fullmatch(text)
        if not found or int(found["rank"]) >= int(found["count"]):
            raise SettingsError(
                f"--distribute {text} is not ADDRESS,RANK,COUNT with ranks from 0; "
                "give 192.0.2.1:4321,0,2 on the first of two computers and 192.0.2.1:4321,1,2 on the second"
            )
        return cls(found["address"], int(found["rank"]), int(found["count"]))

    def backend(self, name: str | None) -> str | None:
        """What Keras computes with: JAX for several processes.

        Args:
            name: Value of --backend.
        Raises:
            SettingsError: several processes are to use another backend.
        """
        if self.count > 1 and name not in (None, "jax"):
            raise SettingsError(f"--distribute needs JAX, not --backend {name}; leave --backend out")
        return name if self.count == 1 else "jax"

    @contextmanager
    def joined(self, out: Path) -> Iterator[Path]:
        """Be one of the processes. Nothing must have been computed with JAX before.

        Yields the folder to write to: `out` for the first process; for others one that goes again, with a copy of what
        a run in `out` of the first needs to be continued.

        Raises:
            SettingsError: the others do not come in time, or this process would use several devices.
            LostProcess: another process ends before the training.
        """
        import jax

        self._join()
        try:
            with TemporaryDirectory() as folder:
                here = Path(folder) if self.rank else out
                for name in (RUN, LOG, NEWEST):
                    self._copy_of_first(here / name)
                yield here
            jax.distributed.shutdown()  # waits for the others
        except (jax.errors.JaxRuntimeError, ValueError) as error:  # some failures of computations are a ValueError
            if not BROKEN.search(str(error)):
                raise
            raise LostProcess(f"another process of the training was lost ({first_line(error)}); {LOST}") from None

    def _join(self) -> None:
        import jax

        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        try:
            jax.distributed.initialize(
                self.address,
                self.count,
                self.rank,
                cluster_detection_method="deactivate",
                initialization_timeout=START_TIMEOUT_S,
                heartbeat_timeout_seconds=HEARTBEAT_TIMEOUT_S,
                coordinator_bind_address=self.address,  # else it would listen on every address of the computer
            )
        except RuntimeError as error:
            reason = first_line(error)
            raise SettingsError(f"the {self.count} processes do not meet at {self.address} ({reason})") from None
        if jax.local_device_count() > 1:
            raise SettingsError(
                f"this process has {jax.local_device_count()} devices, and takes one; "
                "start one process for each, with CUDA_VISIBLE_DEVICES=0, 1 and so on"
            )

    @contextmanager
    def spread(self) -> Iterator[None]:
        """Networks that are made meanwhile have the same variables in all processes, which share each batch."""
        if self.count == 1:
            yield
            return
        import keras

        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
        try:
            yield
        finally:
            keras.distribution.set_distribution(None)

    def check_batch(self, size: int) -> None:
        """Raises:
        SettingsError: the processes cannot divide a batch of this size evenly.
        """
        if size % self.count:
            below = size // self.count * self.count
            raise SettingsError(
                f"{self.count} processes cannot share a batch of {size} evenly; "
                f"give --batch {below + self.count}" + (f" or {below}" if below else "")
            )

    def share(self, source: BatchSource) -> BatchSource:
        """Of every batch the rows that this process computes."""
        return source if self.count == 1 else _Share(source, self)

    def check_same(self, facts: Mapping[str, Any]) -> None:
        """Compare what the processes train on, before they mix it.

        Args:
            facts: As JSON can hold them.
        Raises:
            SettingsError: another process has others than the first.
        """
        if self.count == 1:
            return
        from jax.experimental import multihost_utils

        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()
        digests = multihost_utils.process_allgather(np.frombuffer(digest, np.uint8))
        others = [str(rank) for rank, row in enumerate(digests) if bytes(row) != bytes(digests[0])]
        if others:
            raise SettingsError(
                f"process {', '.join(others)} has other data, options or versions than process 0; "
                "give all the same set, options and packages"
            )

    def _copy_of_first(self, file: Path) -> None:
        """Write the file of process 0 under this name, if it has one and this is another process."""
        from jax.experimental import multihost_utils

        content = np.frombuffer(file.read_bytes() if self.rank == 0 and file.exists() else b"", np.uint8)
        size = int(multihost_utils.broadcast_one_to_all(np.int32(len(content))))
        if size:
            sent = multihost_utils.broadcast_one_to_all(np.zeros(size, np.uint8) if self.rank else content)
            if self.rank:
                file.write_bytes(np.asarray(sent).tobytes())


class _Share:
    """A part of every batch of a source."""

    def __init__(self, source: BatchSource, group: ProcessGroup) -> None:
        self.source = source
        self.batch_size = source.batch_size // group.count
        self.rows = slice(group.rank * self.batch_size, (group.rank + 1) * self.batch_size)

    def __len__(self) -> int:
        return len(self.source)

    def batch_at(self, epoch: int, index: int) -> Batch:
        """Rows of the batch. All of it is made: a process alone would augment it in one sequence of random numbers."""
        inputs, targets = self.source.batch_at(epoch, index)
        return inputs[self.rows], {name: values[self.rows] for name, values in targets.items()}


class LocalCopy:
    """A network that is spread over processes, as one of them computes with it alone: `predict` needs that."""

    def __init__(self) -> None:
        self._copy: Any = None

    @contextmanager
    def of(self, model: Any) -> Iterator[Any]:
        """The network with its present weights; the network itself where it is not spread."""
        import keras

        if keras.distribution.distribution() is None:
            yield model
            return
        with computed_here():
            self._copy = self._copy or keras.models.clone_model(model)
            self._copy.set_weights(model.get_weights())
            yield self._copy


@contextmanager
def computed_here() -> Iterator[None]:
    """What Keras makes and computes meanwhile belongs to this process alone."""
    import keras

    spread = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(spread)
