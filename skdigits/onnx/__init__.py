"""Export to ONNX: converters that tell skl2onnx how to write this package's estimators.

Needs the extra ``onnx``, as in ``pip install "skdigits[onnx]"``; nothing else in the
package imports it.
"""

from skdigits.augmentation import RandomDistortion
from skdigits.classifier import MLPDigitClassifier
from skdigits.onnx._network import (
    convert_classifier,
    convert_scaler,
    set_type_of_scaler,
    set_types_of_classifier,
)
from skdigits.onnx._normalizer import convert_normalizer, set_type_of_normalizer
from skdigits.preprocessing import DigitNormalizer, FlattenScaler

__all__ = ["register_converters"]


def register_converters() -> None:
    """Let skl2onnx convert this package's estimators, alone and among others.

    Call it once in a process, before ``skl2onnx.to_onnx``. It adds
    :class:`~skdigits.MLPDigitClassifier`, :class:`~skdigits.FlattenScaler` and
    :class:`~skdigits.DigitNormalizer` to the estimators that skl2onnx can convert, and
    changes nothing else.

    The classifier has skl2onnx's options for classifiers: ``zipmap`` (True, False or
    ``"columns"``), ``output_class_labels`` and ``nocl``. All three take rows and
    images, of any type that skl2onnx takes: float32, float64, int32, int64, int8, uint8
    and bool. The normalizer also takes pictures in colour, of any size if the input's
    type leaves height and width open, as in ``UInt8TensorType([None, None, None, 3])``.

    The normalizer must have ``deskew=False``, and a ``target_opset`` of 18 or more.
    Its graph takes up to 10 MB of memory for each picture of a call, and finds the same
    strokes up to rounding errors: a pixel that is just dark enough to be ink may be none.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    Notes
    -----
    The graph computes in the network's float type, as the classifier does. Only ``erf``
    in a float64 network with ``activation="gelu"`` is in float32, since onnxruntime has
    it in no other.

    Examples
    --------
    >>> import skl2onnx
    >>> from onnxruntime import InferenceSession
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist
    >>> from skdigits.onnx import register_converters
    >>> train, test = load_mnist("train"), load_mnist("test")
    >>> model = make_pipeline(FlattenScaler(), MLPDigitClassifier(random_state=0))
    >>> model = model.fit(train.images[:3000], train.target[:3000])
    >>> register_converters()
    >>> exported = skl2onnx.to_onnx(
    ...     model, train.images[:1], options={"zipmap": False}
    ... )
    >>> session = InferenceSession(exported.SerializeToString())
    >>> labels, probabilities = session.run(None, {"X": test.images[:4]})
    >>> labels.tolist()
    [7, 2, 1, 0]
    """
    try:
        from skl2onnx import update_registered_converter
    except ImportError as error:
        raise ImportError(
            "Export to ONNX needs skl2onnx, which is not installed. Install it with "
            "the extra 'onnx': pip install 'skdigits[onnx]'."
        ) from error
    update_registered_converter(
        MLPDigitClassifier,
        "SkdigitsMLPDigitClassifier",
        set_types_of_classifier,
        convert_classifier,
        options={
            "zipmap": [True, False, "columns"],
            "output_class_labels": [False, True],
            "nocl": [True, False],
        },
    )
    update_registered_converter(
        FlattenScaler, "SkdigitsFlattenScaler", set_type_of_scaler, convert_scaler
    )
    update_registered_converter(
        DigitNormalizer,
        "SkdigitsDigitNormalizer",
        set_type_of_normalizer,
        convert_normalizer,
    )
    update_registered_converter(
        RandomDistortion, "SkdigitsRandomDistortion", _refuse, _convert_nothing
    )


def _refuse(operator):
    raise TypeError(
        f"{type(operator.raw_operator).__name__} changes images at training only, and "
        "has no ONNX graph. Export the classifier that was trained with it."
    )


def _convert_nothing(scope, operator, container):
    """Stand for a converter where there is none to reach."""
