"""What the page "Try it" is made of: a reader as ONNX, and a runtime for browsers.

docs/conf.py calls `prepare`. The runtime comes from npm's registry, once; without npm
the page says that it is left out.
"""

import base64
import hashlib
import math
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import skl2onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx.common.data_types import UInt8TensorType

import skdigits
from skdigits.onnx import register_converters

# Version 1.22 has the smallest WebAssembly of those that have all operators
RUNTIME = "onnxruntime-web@1.22.0"
RUNTIME_SHA512 = (
    "Ud/+EBo6mhuaQWt/OjaOk0iNWjXqJoeeMFr6xQEERZdIZH2OWpGzuujz7lfuOBjU"
    "a6TEE/sc4nb7Da5dNL34fg=="
)
RUNTIME_FILES = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)

# The least that DigitNormalizer needs, for runtimes of any age
OPSET = 18


def prepare(folder):
    """Write the files that the page needs to a folder; tell whether it has them all.

    Files that are there already stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not _all_there(folder) and not _get_runtime(folder):
        return False
    reader = folder / "reader.onnx"
    if not reader.exists():
        content = export(skdigits.load_reader())
        reader.with_suffix(".part").write_bytes(content)
        os.replace(reader.with_suffix(".part"), reader)
    return True


def _all_there(folder):
    return all((folder / name).exists() for name in RUNTIME_FILES)


def _get_runtime(folder):
    npm = shutil.which("npm")
    if npm is None:
        print("The page 'Try it' is left out: its runtime needs npm, which is missing.")
        return False
    with tempfile.TemporaryDirectory() as temporary:
        packed = subprocess.run(
            [npm, "pack", RUNTIME, "--pack-destination", temporary],
            capture_output=True,
            text=True,
            check=False,
        )
        if packed.returncode:
            print(f"The page 'Try it' is left out: npm failed.\n{packed.stderr}")
            return False
        (archive,) = Path(temporary).glob("*.tgz")
        digest = hashlib.sha512(archive.read_bytes()).digest()
        if base64.b64encode(digest).decode() != RUNTIME_SHA512:
            raise RuntimeError(f"{RUNTIME} has another checksum than docs/try_it.py.")
        with tarfile.open(archive) as package:
            for name in RUNTIME_FILES:
                source = package.extractfile(f"package/dist/{name}")
                (folder / name).write_bytes(source.read())
    return True


def export(reader):
    """Return a pipeline as ONNX, for RGBA pictures of any size.

    Beside the label and the probabilities, it has the image that the network sees, and
    what each of its pixels contributes to the label, as in
    :class:`skdigits.ContributionsDisplay`.
    """
    register_converters()
    model = skl2onnx.to_onnx(
        reader,
        initial_types=[("picture", UInt8TensorType([None, None, None, 4]))],
        options={"zipmap": False},
        target_opset=OPSET,
    )
    graph = model.graph
    inputs, layers = _network(graph)
    last = layers[-1].input[1]
    nodes = [
        helper.make_node("ArgMax", ["probabilities"], ["best"], axis=1, keepdims=0),
        helper.make_node("Gather", [last, "best"], ["of_best"], axis=1),
        helper.make_node("Transpose", ["of_best"], ["gradient_0"], perm=[1, 0]),
    ]
    # Backwards: a ReLU lets the gradient through where it let its input through
    for i, (layer, after) in enumerate(zip(layers[-2::-1], layers[:0:-1], strict=True)):
        nodes += [
            helper.make_node("Sign", [after.input[0]], [f"passed_{i}"]),
            helper.make_node("Mul", [f"gradient_{i}", f"passed_{i}"], [f"through_{i}"]),
            helper.make_node("Transpose", [layer.input[1]], [f"back_{i}"], perm=[1, 0]),
            helper.make_node(
                "MatMul", [f"through_{i}", f"back_{i}"], [f"gradient_{i + 1}"]
            ),
        ]
    nodes += [
        helper.make_node(
            "Mul", [f"gradient_{len(layers) - 1}", inputs], ["contributions"]
        ),
        helper.make_node("Identity", [inputs], ["image"]),
    ]
    graph.node.extend(nodes)
    graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 784])
        for name in ("image", "contributions")
    )
    _halve_weights(graph)
    return model.SerializeToString()


def _halve_weights(graph):
    """Store weights that were stored in float16 in the package like that."""
    weights = [array for array in graph.initializer if math.prod(array.dims) > 1000]
    for array in weights:
        values, name = numpy_helper.to_array(array), array.name
        halves = values.astype(np.float16)
        if np.array_equal(values, halves):
            array.CopyFrom(numpy_helper.from_array(halves, f"{name}_halves"))
            cast = helper.make_node("Cast", [array.name], [name], to=TensorProto.FLOAT)
            graph.node.insert(0, cast)


def _network(graph):
    """Return the name of the network's input, and its products with weights."""
    weights = {array.name for array in graph.initializer if len(array.dims) == 2}
    layers = [
        node
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in weights
    ]
    return layers[0].input[0], layers
