"""The dense network in NumPy: activations, forward pass, gradient."""
