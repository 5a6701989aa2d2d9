"""Export to ONNX: converters that tell skl2onnx how to write this package's estimators.

Needs the extra ``onnx``, as in ``pip install "skdigits[onnx]"``; nothing else in the
package imports it.
"""

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
    :class:`~skdigits.MLPDigitClassifier` and :class:`~skdigits.FlattenScaler` to the
    converters that skl2onnx knows, and changes nothing else. Of a pipeline that starts
    with a :class:`~skdigits.DigitNormalizer`, export the steps after that.

    The classifier has skl2onnx's options for classifiers: ``zipmap`` (True, False or
    ``"columns"``), ``output_class_labels`` and ``nocl``. It and the scaler take rows
    and images, of any type that skl2onnx takes: float32, float64, int32, int64, int8,
    uint8 and bool.

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
        options={"even_light": [False, True]},
    )
