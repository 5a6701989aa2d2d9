"""The trained reader: how it is made, stored and loaded."""

import json
import zlib
from importlib.resources import files
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline

from skdigits.augmentation import RandomDistortion
from skdigits.classifier import MLPDigitClassifier
from skdigits.preprocessing import DigitNormalizer, FlattenScaler

READER_FILE = files("skdigits.reading") / "data" / "reader.npz"

_WEIGHTS = "coefs_", "intercepts_"

# Of the weights in the file. Rounded to steps of a tenth of a usual one, they give the
# same accuracy, and take half the space.
_STORED_TYPE, _STEP = np.float16, 1 / 256


def load_reader() -> Pipeline:
    """Load a trained pipeline that predicts pictures of single digits.

    It accepts digits as people write, scan and photograph them. The pictures may differ
    in size, colour and light. Its network was trained on MNIST's training images and on
    copies of them that imitate other handwriting and other pictures. Its probabilities
    are calibrated, and low for most pictures that are not digits.

    Returns
    -------
    reader : :class:`~sklearn.pipeline.Pipeline`
        A fitted pipeline of :class:`DigitNormalizer`, :class:`FlattenScaler` and
        :class:`MLPDigitClassifier`, whose classes are the integers 0 to 9.

    Raises
    ------
    OSError
        If the package's file of weights is missing (FileNotFoundError) or damaged.

    See Also
    --------
    read_numbers : Reads the numbers in a picture.

    Notes
    -----
    Each call reads the file again, so you may modify the result. Loading and predicting
    need no TensorFlow.

    The reader is an estimator like any other. A clone of it is unfitted and can be
    trained. The classifier's ``partial_fit`` continues from the stored weights. You can
    store the reader with pickle, skops and ONNX.

    ``examples/train_reader.py`` trains the network and writes the file.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits import load_reader
    >>> digits = load_digits()
    >>> reader = load_reader()
    >>> reader.predict(digits.images[:10])
    array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    >>> bool(reader.score(digits.images, digits.target) > 0.95)
    True
    """
    mend = "Reinstall skdigits to restore it."
    try:
        content = READER_FILE.read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"The reader's weights are missing: {READER_FILE}. {mend}"
        ) from error
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return fitted_reader(dict(arrays))
    except (BadZipFile, EOFError, KeyError, ValueError, zlib.error) as error:
        raise OSError(
            f"The reader's weights are damaged: {READER_FILE}. {mend}"
        ) from error


def new_reader() -> Pipeline:
    """Return the pipeline that the reader is, not fitted.

    Returns
    -------
    reader : Pipeline
        With the parameters that its training was done with.
    """
    classifier = MLPDigitClassifier(
        (1024, 512),
        augment=RandomDistortion(
            rotation=6,
            zoom=0.1,
            shear=0.1,
            translation=0.04,
            elastic=0.06,
            sigma=0.25,
        ),
        dropout=0.1,
        weight_decay=0.1,
        epochs=70,
        batch_size=256,
        learning_rate=0.002,
        random_state=0,
    )
    return make_pipeline(DigitNormalizer(), FlattenScaler(), classifier)


def store_reader(reader, path):
    """Write a fitted pipeline of the kind that `new_reader` returns to a file.

    The same pipeline gives the same bytes. No Python object is in the file: it is
    arrays, and a text in JSON of what else the steps have learnt.

    Parameters
    ----------
    reader : Pipeline
        Fitted. Its weights are rounded in the file.

    path : str or path-like
        Ends in ".npz".
    """
    classifier = reader[-1]
    arrays = {
        f"{name}{layer}": (_STEP * np.rint(array / _STEP)).astype(_STORED_TYPE)
        for name in _WEIGHTS
        for layer, array in enumerate(getattr(classifier, name))
    }
    learnt = {name: _learnt(step) for name, step in reader.steps}
    np.savez_compressed(path, learnt=json.dumps(learnt), **arrays)


def _learnt(step):
    """Return the attributes of a fitted step that JSON can hold: all but weights."""
    parameters = step.get_params(deep=False)
    learnt = {
        name: value
        for name, value in vars(step).items()
        if name not in {*parameters, *_WEIGHTS, "model_", "_optimizer_variables"}
    }
    return json.loads(json.dumps(learnt, default=np.ndarray.tolist))


def fitted_reader(arrays):
    """Return the pipeline that `store_reader` wrote to a file.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Those of the file.

    Returns
    -------
    reader : Pipeline
    """
    reader = new_reader()
    learnt = json.loads(str(arrays["learnt"]))
    for name, step in reader.steps:
        vars(step).update(learnt[name])
    classifier = reader[-1]
    layers = range(classifier.n_layers_ - 1)
    for name in _WEIGHTS:
        weights = [arrays[f"{name}{layer}"].astype(np.float32) for layer in layers]
        setattr(classifier, name, weights)
    classifier.classes_ = np.array(classifier.classes_)
    classifier._pixel_scale = tuple(classifier._pixel_scale)
    # Training may go on, with an optimizer that starts afresh
    classifier._optimizer_variables = None
    return reader
