"""Training on TensorFlow: a loop of steps in one graph."""

import os
from contextlib import nullcontext
from itertools import chain, count

import tensorflow as tf

from skdigits._training.keras.backends._flat_weights import FlatWeights, LayerWeights
from skdigits._training.keras.process import (
    interruptions_deferred,
    startup_messages_dropped,
    threads_allowed,
)

# XLA compiles for about a second, and then saves about 7 ns a step for each weight that
# the optimizer updates and the time of about this many weights besides. A training pays
# that back from this many updates on.
_XLA_SAVES_LIKE_WEIGHTS = 20_000
_XLA_PAYS_FROM_UPDATES = 160_000_000

# To cut a vector of more weights into arrays, and to join their gradients, takes longer
# than the operations that it saves. XLA fuses these anyway: there, a step of 109,386
# weights takes half as long again, and one of 24,000 gains nothing.
_MOST_WEIGHTS_JOINED = 200_000

# TensorFlow keeps what it prepared for each operation on each shape, some 2 MB for a
# network. To do without takes a tenth of a second in the next fit of a network that is
# kept, so not every time.
_NETWORKS_PER_CLEARING = 16
_n_compiled = count(1)


def start():
    """Set the threads, and get the messages over with that come with the first step."""
    _limit_threads()
    # Looking for devices and compiling for the first time have messages of their own,
    # and so has this operation, which XLA compiles by another way than most. AutoGraph
    # would have nothing to do but warn, on Python 3.13.
    tf.function(
        lambda x: tf.raw_ops.ReluGrad(gradients=x, features=x),
        jit_compile=True,
        autograph=False,
    )(tf.ones(1))


def _limit_threads():
    # What the user has set for TensorFlow itself goes before
    n_threads, threading = threads_allowed(), tf.config.threading
    told_otherwise = (
        threading.get_intra_op_parallelism_threads()
        or "TF_NUM_INTRAOP_THREADS" in os.environ
    )
    if n_threads is None or told_otherwise:
        return
    try:
        threading.set_intra_op_parallelism_threads(n_threads)
        threading.set_inter_op_parallelism_threads(n_threads)
    except RuntimeError:
        # The user's own code has started it already
        return


def compiling_pays(n_steps, n_weights):
    """Tell whether XLA saves more time than it takes."""
    updates = n_steps * (n_weights + _XLA_SAVES_LIKE_WEIGHTS)
    return updates >= _XLA_PAYS_FROM_UPDATES


def obstacle():
    """Say where variables and graphs are not TensorFlow's ordinary ones."""
    if not tf.executing_eagerly():
        return "a tf.function" if tf.inside_function() else "a tf.Graph"
    if tf.distribute.has_strategy():
        strategy = type(tf.distribute.get_strategy()).__name__
        return f"the scope of a tf.distribute strategy ({strategy})"
    return None


def precision(dtype):
    """Do nothing: TensorFlow keeps every float type."""
    return nullcontext()


def to_array(variable):
    """Return the value of a Keras variable as a NumPy array of its own."""
    # What variable.numpy() does, without what TensorFlow does around it
    value = variable.value
    return tf.raw_ops.ReadVariableOp(resource=value.handle, dtype=value.dtype).numpy()


def assign(variable, array):
    """Set the value of a Keras variable, in a fraction of the time that Keras takes."""
    value = variable.value
    tensor = tf.convert_to_tensor(array, value.dtype)
    tf.raw_ops.AssignVariableOp(resource=value.handle, value=tensor)


def compile_block(network):
    """Trace the loop over a block's steps."""
    if next(_n_compiled) % _NETWORKS_PER_CLEARING == 0:
        _clear_kernel_cache()
    key = network.key
    joined = (
        not key.jit_compile
        and key.architecture.n_weights <= _MOST_WEIGHTS_JOINED
        and key.architecture.optimizer.updates_each_weight_by_itself
    )
    trained = FlatWeights(network) if joined else LayerWeights(network)
    n_steps, n_rows = key.block.n_steps, key.block.n_rows
    dtype = key.architecture.dtype

    def train_block(
        X, y, sample_weight, masks, learning_rates, label_smoothing, n_steps_taken
    ):
        def train_one(step, sums):
            rate, *batch = _at(step, learning_rates, X, y, sample_weight, masks)
            trained.optimizer.learning_rate.assign(rate)
            of_step = _step(network, trained, *batch, label_smoothing)
            return step + 1, sums.write(step, of_step)

        trained.take()

        sums = tf.TensorArray(dtype, n_steps, element_shape=(2,))
        _, sums = tf.while_loop(
            lambda step, sums: step < n_steps_taken, train_one, (0, sums)
        )
        trained.give_back()
        return sums.stack()

    # A concrete function: tf.function would count the tracings and warn of them
    with _one_operation_at_a_time():
        traced = tf.function(
            train_block, jit_compile=key.jit_compile, autograph=False
        ).get_concrete_function(
            tf.TensorSpec((n_steps, n_rows, key.architecture.n_features), dtype),
            tf.TensorSpec((n_steps, n_rows), tf.int32),
            tf.TensorSpec((n_steps, n_rows), dtype),
            tf.TensorSpec((n_steps, key.architecture.n_dropout_units), dtype),
            tf.TensorSpec((n_steps,), tf.float32),
            tf.TensorSpec((), dtype),
            tf.TensorSpec((), tf.int32),
        )
    _release_custom_gradients(traced.graph)
    if dtype != "float32":
        # No step, but what TensorFlow does first, with the messages it has then
        signature, _ = traced.structured_input_signature
        with startup_messages_dropped(), _one_operation_at_a_time():
            traced(*(tf.zeros(spec.shape, spec.dtype) for spec in signature))

    def run(X, *others):
        # Interrupted in there, TensorFlow raises a SystemError
        with interruptions_deferred():
            specs = traced.structured_input_signature[0][1:]
            tensors = [
                tf.convert_to_tensor(value, spec.dtype)
                for value, spec in zip(others, specs, strict=True)
            ]
        # Out of sight of a tape of the user's
        with tf.init_scope(), _one_operation_at_a_time():
            return traced(_as_tensor(X), *tensors).numpy()

    return run


def _one_operation_at_a_time():
    """Run operations in turn, each on all threads, and not by a scheduler.

    Most take less time than the scheduler takes for them.
    """
    return tf.experimental.function_executor_type("SINGLE_THREADED_EXECUTOR")


def _at(step, *tensors):
    """Return what tensors have for a step, in fewer operations than with []."""
    begin, end = tf.reshape(step, [1]), tf.reshape(step + 1, [1])
    return [
        tf.raw_ops.StridedSlice(
            input=tensor, begin=begin, end=end, strides=[1], shrink_axis_mask=1
        )
        for tensor in tensors
    ]


def _step(network, trained, *batch):
    values = [variable.value.value() for variable in trained.variables]
    with tf.GradientTape() as tape:
        tape.watch(values)
        loss, sums = network.batch_loss(trained.by_layer(values), *batch)
    trained.optimizer.apply(tape.gradient(loss, values), trained.variables)
    return sums


def _clear_kernel_cache():
    try:
        from tensorflow.python.eager import context
    except ImportError:  # private, and only to save memory
        return
    context.context().clear_kernel_cache()


def _release_custom_gradients(graph):
    """Let go of what would keep a graph, and the variables in it, for good.

    TensorFlow registers each custom gradient that it traces, and Keras's optimizers
    have one, under a name of its own, and never takes it back:
    https://github.com/tensorflow/tensorflow/issues/97697. Nothing is going to
    differentiate this graph again.
    """
    try:
        from tensorflow.python.framework.ops import gradient_registry
    except ImportError:  # private, and only to save memory
        return
    definition = graph.as_graph_def()
    functions = (function.node_def for function in definition.library.function)
    for node in chain(definition.node, *functions):
        name = node.attr["_gradient_op_type"].s.decode()
        if name.startswith("CustomGradient-"):
            gradient_registry._registry.pop(name, None)


def _as_tensor(aligned_array):
    # Not a copy, which convert_to_tensor makes
    return tf.experimental.dlpack.from_dlpack(aligned_array.__dlpack__())
