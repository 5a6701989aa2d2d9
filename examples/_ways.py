"""How the judge of cuts is trained: on shapes, of which each has ways to be cut."""

import keras
import numpy as np
import tensorflow as tf
from _touching import NONE

from skdigits.preprocessing._page.judge import FRAME, N_SIZES, STRIDE

# Of convolutions: filters and the size of each, in pixels
FILTERS, KERNEL = (24, 48), 5
LAYERS, DROPOUT = (96,), 0.3
EPOCHS, SHAPES_AT_A_TIME = 5, 24
RATE, WEIGHT_DECAY = 0.002, 0.05


def network():
    """Return the network: convolutions of the frames, and dense layers.

    It has an output for each digit: the logarithm of the odds that a piece is this
    digit rather than none.
    """
    rows = keras.layers.Input((2 * FRAME[0] * FRAME[1] + N_SIZES,))
    frames = keras.layers.Reshape((2, *FRAME))(rows[:, :-N_SIZES])
    values = keras.layers.Permute((2, 3, 1))(frames)
    for n_filters in FILTERS:
        values = keras.layers.Conv2D(
            n_filters, KERNEL, STRIDE, activation="relu", kernel_initializer="he_normal"
        )(values)
    values = keras.layers.Flatten()(values)
    values = keras.layers.Concatenate()([values, rows[:, -N_SIZES:]])
    for n_units in LAYERS:
        values = keras.layers.Dropout(DROPOUT)(values)
        values = keras.layers.Dense(n_units, "relu", kernel_initializer="he_normal")(
            values
        )
    return keras.Model(rows, keras.layers.Dense(NONE)(values))


def fit(shapes, epochs):
    """Return the weights and biases of the network, by layer."""
    keras.utils.set_random_seed(0)
    model = network()
    n_batches = len(shapes) // SHAPES_AT_A_TIME
    rate = keras.optimizers.schedules.CosineDecay(RATE, epochs * n_batches)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY)

    @tf.function(reduce_retracing=True)
    def step(rows, labels, ways, is_right, of_shape):
        with tf.GradientTape() as tape:
            outputs = model(tf.cast(rows, tf.float32) / 255, training=True)
            scores = tf.reduce_logsumexp(outputs, axis=1)
            loss = loss_of_ways(scores, ways, is_right, of_shape)
            loss += loss_of_pieces(outputs, labels)
        variables = model.trainable_variables
        optimizer.apply_gradients(
            zip(tape.gradient(loss, variables), variables, strict=True)
        )
        return loss

    rng = np.random.default_rng(0)
    for epoch in range(epochs):
        order = rng.permutation(len(shapes))[: n_batches * SHAPES_AT_A_TIME]
        losses = [
            float(step(*batch_of([shapes[k] for k in some])))
            for some in np.split(order, n_batches)
        ]
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    return model.get_weights()


def batch_of(shapes):
    """Put shapes together."""
    starts = np.cumsum([0, *(len(shape.rows) for shape in shapes[:-1])])
    ways = [
        np.where(shape.ways < 0, -1, shape.ways + start)
        for shape, start in zip(shapes, starts, strict=True)
    ]
    n_rows = sum(len(shape.rows) for shape in shapes)
    ways = np.concatenate(ways)
    ways[ways < 0] = n_rows
    return (
        np.concatenate([shape.rows for shape in shapes]),
        np.concatenate([shape.labels for shape in shapes]),
        ways,
        np.concatenate([shape.is_right for shape in shapes]),
        np.repeat(np.arange(len(shapes)), [len(shape.ways) for shape in shapes]),
    )


def loss_of_ways(scores, ways, is_right, of_shape):
    """Return minus the log-probability of the right ways among those of a shape."""
    # What is missing of a way adds nothing
    of_ways = tf.reduce_sum(tf.gather(tf.pad(scores, [[0, 1]]), ways), axis=1)
    highest = tf.stop_gradient(tf.math.segment_max(of_ways, of_shape))
    odds = tf.exp(of_ways - tf.gather(highest, of_shape))
    total = tf.math.segment_sum(odds, of_shape)
    right = tf.math.segment_sum(tf.where(is_right, odds, 0.0), of_shape)
    has_right = tf.math.segment_max(tf.cast(is_right, tf.float32), of_shape)
    return tf.reduce_mean(has_right * tf.math.log((total + 1e-9) / (right + 1e-9)))


def loss_of_pieces(outputs, labels):
    """Return the log loss of pieces that are some digit, or are none."""
    is_labelled = tf.cast(labels >= 0, tf.float32)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.maximum(labels, 0), tf.pad(outputs, [[0, 0], [0, 1]])
    )
    return tf.reduce_mean(is_labelled * losses)
