"""Export to ONNX: converters for skl2onnx.

Needs the extra ``onnx``: ``pip install "skdigits[onnx]"``. No other module imports it.
"""

from skdigits.classifier import MLPDigitClassifier
from skdigits.onnx._graph import with_types_checked
from skdigits.onnx._network import (
    convert_classifier,
    convert_scaler,
    parse_classifier,
    set_type_of_scaler,
    set_types_of_classifier,
)
from skdigits.onnx._normalizer import convert_normalizer, set_type_of_normalizer
from skdigits.preprocessing import DigitNormalizer, FlattenScaler

__all__ = ["register_converters"]


def register_converters() -> None:
    """Register converters for this package's estimators with skl2onnx.

    Call it once per process, before ``skl2onnx.to_onnx``. It registers
    :class:`~skdigits.MLPDigitClassifier`, :class:`~skdigits.FlattenScaler` and
    :class:`~skdigits.DigitNormalizer`, also inside pipelines and ensembles.

    The classifier has skl2onnx's options for classifiers: ``zipmap`` (True, False or
    ``"columns"``), ``output_class_labels`` and ``nocl``. All three accept rows and
    images of float32, float64, int32, int64, int8, uint8 and bool; convert other types
    with ``X.astype``. The normalizer also accepts colours, and pictures of any size if
    the type of the input leaves height and width open, as in
    ``UInt8TensorType([None, None, None, 3])``.

    For the normalizer, ``target_opset`` must be at least 18. Its graph takes up to 10
    MB of memory per picture of a call. It finds the same strokes as the estimator, up
    to rounding errors. In a noisy photograph, a rounding error may decide whether a
    pixel is ink.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    Notes
    -----
    The graph computes in the network's float type, as the classifier does. The only
    exception is ``erf`` in a float64 network with ``activation="gelu"``, which
    onnxruntime has in float32 only.

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
        from skl2onnx import _parse, update_registered_converter
    except ImportError as error:
        raise ImportError(
            "Export to ONNX needs skl2onnx, which is not installed. Install it with "
            "the extra 'onnx': pip install 'skdigits[onnx]'."
        ) from error
    parse_transformer = with_types_checked(_parse._parse_sklearn_simple_model)
    update_registered_converter(
        MLPDigitClassifier,
        "SkdigitsMLPDigitClassifier",
        set_types_of_classifier,
        convert_classifier,
        parser=with_types_checked(parse_classifier),
        options={
            "zipmap": [True, False, "columns"],
            "output_class_labels": [False, True],
            "nocl": [True, False],
        },
    )
    update_registered_converter(
        FlattenScaler,
        "SkdigitsFlattenScaler",
        set_type_of_scaler,
        convert_scaler,
        parser=parse_transformer,
    )
    update_registered_converter(
        DigitNormalizer,
        "SkdigitsDigitNormalizer",
        set_type_of_normalizer,
        convert_normalizer,
        parser=parse_transformer,
    )
