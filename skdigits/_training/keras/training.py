"""One training: the loop over its epochs, and what callbacks are told on the way."""

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import keras
import numpy as np

from skdigits._training.batches import Batches, BlockShape, Epoch, steps_per_epoch
from skdigits._training.keras import scikeras
from skdigits._training.keras.callbacks import (
    EpochLogs,
    build_metrics,
    copyable_afterwards,
)
from skdigits._training.keras.network import GraphKey, Network, build_network
from skdigits._training.keras.pool import Pool
from skdigits._training.keras.start import backend, check_context
from skdigits._training.schedules import LearningRate

# What idle networks may hold: each weight costs 16 to 30 bytes, with its optimizer's
# variables, and each network some MB for its graph.
_KEPT_NETWORKS = 8
_KEPT_WEIGHTS = 5_000_000

networks = Pool(
    build_network,
    Network.count_params,
    max_kept=_KEPT_NETWORKS,
    max_size=_KEPT_WEIGHTS,
)


@dataclass(frozen=True)
class FitOptions:
    """How a training runs.

    Every epoch is a function of the state before it, the seed and the epoch's number,
    so that with a constant rate a training goes on where another stopped as if it had
    not; to the bit where XLA compiles both or neither.
    """

    epochs: int
    first_epoch: int
    batch_size: int
    shuffle: bool
    dropout: float
    label_smoothing: float
    learning_rate: float
    learning_rate_schedule: str
    seed: int
    augment: object
    callbacks: list
    verbose: int


def train(architecture, state, training_set, options, monitor):
    """Train a network from a state and return the state it comes to.

    Parameters
    ----------
    architecture : Architecture

    state : TrainingState
        Not modified.

    training_set : TrainingSet
        Its X of the architecture's dtype.

    options : FitOptions

    monitor : Monitor

    Returns
    -------
    TrainingState
    """
    check_context()
    n_samples, batch_size = len(training_set.y), options.batch_size
    n_steps = steps_per_epoch(n_samples, batch_size) * options.epochs
    key = GraphKey(
        architecture,
        BlockShape.suited_to(training_set.X, batch_size, options.epochs),
        jit_compile=backend.compiling_pays(n_steps, architecture.n_weights),
    )
    with (
        copyable_afterwards(options.callbacks),
        backend.precision(architecture.dtype),
        networks.lend(key) as network,
    ):
        network.load_state(state)
        scikeras.fit(
            network,
            training_set.X,
            training_set.class_number,
            sample_weight=training_set.loss_weight,
            train=lambda *data: _Loop(network, data, options, monitor).run(),
        )
        return network.to_state()


class _Loop:
    """The loop over epochs of ``keras.Model.fit``.

    Where nothing has to happen between epochs, several go into one compiled call.
    """

    def __init__(self, network, data, options, monitor):
        self.network = network
        self.options = options
        self.monitor = monitor
        self.batches = Batches(
            *data,
            options.batch_size,
            network.key.block,
            network.key.architecture.n_dropout_units,
        )
        self.n_steps = self.batches.n_steps
        self.learning_rate = LearningRate(
            network.optimizer.learning_rate if options.callbacks else None,
            options.learning_rate,
            options.learning_rate_schedule,
            self.n_steps * options.epochs,
        )
        self.callbacks = None
        if options.callbacks or options.verbose or monitor.needs_every_epoch:
            self.epoch_logs = EpochLogs()
            self.callbacks = keras.callbacks.CallbackList(
                [*options.callbacks, self.epoch_logs],
                add_history=True,
                add_progbar=options.verbose != 0,
                model=network.model,
                verbose=options.verbose,
                epochs=options.first_epoch + options.epochs,
                steps=self.n_steps,
            )

    def run(self):
        """Train, and return what scikeras asks for: an object with a history."""
        if self.callbacks is None:
            self._run_undisturbed()
        else:
            self._run_watched()
        self.network.optimizer.finalize_variable_values(
            self.network.trainable_variables
        )
        if self.callbacks is not None:
            self.callbacks.on_train_end(self.last_logs)
            self.network.check_structure()
        # The monitor has the figures
        return SimpleNamespace(history={})

    def _run_undisturbed(self):
        first = self.options.first_epoch
        for logs in self._train(range(first, first + self.options.epochs)):
            self.monitor.validate(logs["loss"], self.network.weights_as_arrays)
            self.monitor.record(logs)

    def _run_watched(self):
        model, monitor = self.network.model, self.monitor
        if self.options.callbacks:
            build_metrics(model)
        model.stop_training, model._initial_epoch = False, None
        self.last_logs = None
        first = self.options.first_epoch
        # keras.callbacks.BackupAndRestore says there where it goes on
        with self.learning_rate.shown_at(
            0, may_be_restored=lambda: model._initial_epoch is not None
        ):
            self.callbacks.on_train_begin()
        start, model._initial_epoch = model._initial_epoch or first, None
        for epoch in range(start, first + self.options.epochs):
            first_step = (epoch - first) * self.n_steps
            monitor.before_epoch()
            with self.learning_rate.shown_at(first_step):
                self.callbacks.on_epoch_begin(epoch)
            self.network.check_structure()
            (logs,) = self._train([epoch])
            logs |= monitor.validate(logs["loss"], self.network.weights_as_arrays)
            with self.learning_rate.shown_at(first_step + self.n_steps - 1):
                self.callbacks.on_epoch_end(epoch, logs)
            self.network.check_structure()
            # In this order: Keras sorts them by name
            self.last_logs = logs | self.epoch_logs.logs
            stop = monitor.after_epoch(self.last_logs, self.network.weights_as_arrays)
            if stop or model.stop_training:
                break

    def _train(self, epochs):
        """Train for consecutive epochs, and yield the logs of each."""
        first_step = (epochs[0] - self.options.first_epoch) * self.n_steps
        sums, weights = [], []
        with closing(self.batches.blocks(epochs, self._draw)) as blocks:
            for block in blocks:
                steps = first_step + block.first_step + np.arange(block.n_steps)
                self._tell_of_batch("begin", steps[0], None)
                sums += list(self._train_block(block, steps))
                of_steps = block.sample_weight[: block.n_steps]
                weights += list(of_steps.sum(axis=1, dtype=np.float64))
                if self.callbacks is not None:
                    self._tell_of_batch("end", steps[-1], _logs(sums, weights))
                    if self.network.model.stop_training:
                        break
                while len(sums) >= self.n_steps:
                    yield _logs(sums[: self.n_steps], weights[: self.n_steps])
                    del sums[: self.n_steps], weights[: self.n_steps]
        if sums:
            yield _logs(sums, weights)

    def _train_block(self, block, steps):
        """Train, and return the sums of loss and accuracy of each step."""
        rates = np.zeros(self.network.key.block.n_steps, np.float32)
        rates[: block.n_steps] = self.learning_rate.of_steps(steps)
        sums = self.network.train_block(
            block.X,
            block.y,
            block.sample_weight,
            block.dropout_mask,
            rates,
            self.options.label_smoothing,
            block.n_steps,
        )
        return sums[: block.n_steps].astype(np.float64)

    def _draw(self, epoch):
        """Draw what is random about an epoch."""
        rng = np.random.default_rng((self.options.seed, epoch))
        # Of its own: the others take more numbers for more samples
        (dropout_rng,) = rng.spawn(1)
        order = np.arange(self.batches.n_samples)
        if self.options.shuffle:
            rng.shuffle(order)
        augment = self.options.augment
        return Epoch(
            order,
            augment and (lambda rows: augment(rows, rng)),
            partial(_draw_mask, dropout_rng, self.options.dropout),
        )

    def _tell_of_batch(self, moment, step, logs):
        """Call the callbacks' methods for a batch that begins or ends."""
        if self.callbacks is None:
            return
        with self.learning_rate.shown_at(step):
            # One by one: the list would hand them to another thread
            for callback in self.callbacks.callbacks:
                of_epoch = int(step) % self.n_steps
                getattr(callback, f"on_train_batch_{moment}")(of_epoch, logs)


def _draw_mask(rng, dropout, mask):
    """Draw what the units of hidden layers are multiplied with, for each step."""
    kept = rng.random(mask.shape, np.float32) >= dropout
    np.divide(kept, 1 - dropout, out=mask)


def _logs(sums, weights):
    loss, accuracy = (np.sum(sums, axis=0) / np.sum(weights)).tolist()
    return {"loss": loss, "accuracy": accuracy}
