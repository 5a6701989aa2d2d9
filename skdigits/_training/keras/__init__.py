"""Everything that knows Keras, TensorFlow, JAX, PyTorch and scikeras.

The rest of the package comes in by this door alone, and late: to open it imports Keras.
"""
