"""Train the network that takes touching digits apart, and write its file.

`find_digits` shows it wide shapes of ink. It is trained on pages of MNIST's training
images, the last 10,000 left out, on which digits stand alone, in pairs and in threes,
touch and overlap.

It takes about forty minutes on two cores, and 4 GB of memory.
--quick runs everything on few pages.
"""

import argparse
import math

import numpy as np
from _command_line import add_output, counting, run
from _touching import Shapes, halved, shapes_of_page
from joblib import Parallel, delayed

from skdigits import load_mnist
from skdigits.preprocessing._page.segmentation import FRAME, MOST_DIGITS, NONE

N_IMAGES, N_PAGES = 50000, 12000

# Of convolutions: filters, and the size of each, in pixels
COARSER, FINER = ((24, 5), (48, 5), (64, 3)), ((32, 3), (16, 3))
HIDDEN, PLAN, DROPOUT = 128, 32, 0.1

EPOCHS, BATCH_SIZE = 7, 256
RATE, WEIGHT_DECAY = 0.002, 0.02

# Of stored weights: a thirtieth of a usual one
STEP = 1 / 512

# Of the errors in what each digit covers, beside those in which digits they are
WEIGHT_OF_MASKS = 3.0


def main():
    args = parse_arguments()
    n_pages = 16 if args.quick else N_PAGES
    train = load_mnist("train")
    images, labels = train.images[:N_IMAGES], train.target[:N_IMAGES]
    with counting(f"drawing {n_pages} pages"):
        pages = Parallel(n_jobs=-1)(
            delayed(shapes_of_page)(images, labels, seed) for seed in range(n_pages)
        )
    pages = [vars(page) for page in pages if page is not None]
    shapes = Shapes(
        **{key: np.concatenate([p[key] for p in pages]) for key in pages[0]}
    )
    epochs = 2 if args.quick else EPOCHS
    with counting(f"training on {len(shapes.frames)} shapes, {epochs} times"):
        layers = fit(shapes, epochs)
    store(layers, args.output)
    print(f"Network written to {args.output.resolve()}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="16 pages, two epochs")
    add_output(parser, "segmentation.npz", "network", [".npz"])
    return parser.parse_args()


def network():
    """Return the network: one that looks coarser and coarser, and then finer again."""
    # Asking for help needs no TensorFlow
    from keras import Model, layers

    usual = {"activation": "relu", "kernel_initializer": "he_normal"}

    frames, sizes = layers.Input((*FRAME, 1)), layers.Input((2,))
    values, levels = frames, []
    for number, (n_filters, size) in enumerate(COARSER):
        values = layers.Conv2D(
            n_filters, size, 2, padding="same", name=f"coarser{number}", **usual
        )(values)
        levels.append(values)
    shape = *values.shape[1:3], PLAN
    hidden = layers.Concatenate()([layers.Flatten()(values), sizes])
    hidden = layers.Dropout(DROPOUT)(hidden)
    hidden = layers.Dense(HIDDEN, name="hidden", **usual)(hidden)
    digits = layers.Dense(MOST_DIGITS * (NONE + 1), name="digits")(hidden)
    digits = layers.Reshape((MOST_DIGITS, NONE + 1))(digits)
    plan = layers.Dense(math.prod(shape), name="plan", **usual)(hidden)
    values = layers.Reshape(shape)(plan)
    for number, (n_filters, size) in enumerate(FINER):
        level = levels[-2 - number]
        values = layers.Concatenate()([layers.UpSampling2D()(values), level])
        values = layers.Conv2D(
            n_filters, size, padding="same", name=f"finer{number}", **usual
        )(values)
    masks = layers.Conv2D(MOST_DIGITS, 3, padding="same", name="masks")(values)
    return Model([frames, sizes], {"digits": digits, "masks": masks})


def fit(shapes, epochs):
    """Return kernel and bias of each layer, by its name."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    model = network()

    def of_masks(truth, logits):
        """Return the log loss of each place, where there is ink."""
        share, is_inked = truth[..., :-1], truth[..., -1:]
        losses = tf.nn.sigmoid_cross_entropy_with_logits(share, logits)
        return tf.reduce_sum(losses * is_inked) / tf.reduce_sum(is_inked) / MOST_DIGITS

    n_steps = epochs * (len(shapes.frames) // BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 10, 0.9 * n_steps, warmup_target=RATE, warmup_steps=0.1 * n_steps
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY),
        {
            "digits": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "masks": of_masks,
        },
        loss_weights={"digits": MOST_DIGITS, "masks": WEIGHT_OF_MASKS},
    )
    model.fit(batches(shapes), epochs=epochs, verbose=2)
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def batches(shapes):
    """Return a Keras data set of batches, which are made when they are needed."""
    import keras

    class Batches(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.rng = np.random.default_rng(0)
            self.on_epoch_end()

        def __len__(self):
            return len(shapes.frames) // BATCH_SIZE

        def on_epoch_end(self):
            self.order = self.rng.permutation(len(shapes.frames))

        def __getitem__(self, index):
            some = self.order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
            frames = shapes.frames[some].astype(np.float32) / 255
            masks = shapes.masks[some].astype(np.float32) / 255
            inked = halved(frames) > 0.1
            truth = np.concatenate([masks, inked[..., np.newaxis]], axis=3)
            return (
                (frames[..., np.newaxis], shapes.sizes[some]),
                {"digits": shapes.digits[some], "masks": truth},
            )

    return Batches()


def store(layers, path):
    """Write weights to a file, rounded to steps of `STEP`: they take less space so."""
    arrays = {
        f"{name}_{kind}": np.float16(STEP * np.rint(np.float16(array) / STEP))
        for name, weights in layers.items()
        for kind, array in zip(("kernel", "bias"), weights, strict=True)
    }
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    run(main)
