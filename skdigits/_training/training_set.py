"""Training samples with all that belongs to each, and how some are held out."""

from dataclasses import dataclass, replace
from hashlib import blake2b
from numbers import Real

import numpy as np
from scipy import sparse
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import _check_sample_weight

_ROWS_AT_A_TIME = 1000


@dataclass
class TrainingSet:
    """Samples for training.

    Attributes
    ----------
    X : {ndarray, csr_array} of shape (n_samples, n_features)

    y : ndarray of shape (n_samples,)
        Labels.

    class_number : ndarray of int of shape (n_samples,)
        Where each label stands in ``classes_``.

    place : ndarray of int of shape (n_samples,)
        Where each sample stands in what the user gave.

    sample_weight : ndarray of shape (n_samples,)
        As the user gave them.

    loss_weight : ndarray of shape (n_samples,)
        What the loss of each sample counts, class weights included.
    """

    X: object
    y: np.ndarray
    class_number: np.ndarray
    place: np.ndarray
    sample_weight: np.ndarray
    loss_weight: np.ndarray

    @classmethod
    def weigh(cls, X, y, classes, sample_weight, class_weight):
        """Return the samples that have weight.

        Parameters
        ----------
        X, y
            Validated, y among the classes.

        classes : ndarray of shape (n_classes,)
            Sorted.

        sample_weight, class_weight
            As the user gave them.
        """
        sample_weight = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        # Scaled, as the largest floats have no sum
        scaled = sample_weight / sample_weight.max()
        everything = cls(
            X,
            y,
            np.searchsorted(classes, y),
            np.arange(len(y)),
            sample_weight,
            scaled,
        )
        weighted = everything[scaled > 0]
        weight = weighted.loss_weight * _class_weights(class_weight, classes, weighted)
        if not weight.any():
            raise ValueError(f"class_weight={class_weight} leaves no sample a weight.")
        return replace(weighted, loss_weight=weight)[weight > 0]

    def with_mean_weight_one(self):
        """Return the samples with loss weights that are 1 on average, of X's type."""
        weight = self.loss_weight / self.loss_weight.max()
        weight = (weight / weight.mean()).astype(self.X.dtype)
        return replace(self, loss_weight=weight)

    def __getitem__(self, chosen):
        """Return the samples that an array of bool chooses; itself if that is all."""
        if chosen.all():
            return self
        return TrainingSet(*(values[chosen] for values in vars(self).values()))

    def chosen_for_validation(self, fraction, seed):
        """Choose samples for validation, of every class about the same fraction.

        Whether a sample is chosen follows from its values, its class and the seed
        alone. Equal samples stay together: no copy of a training image is validated
        on, and a sample of weight two is the same as the sample twice. A class with
        one distinct sample is left to training whole.

        Parameters
        ----------
        fraction : float
            Between 0 and 1, of the weight.

        seed : int

        Returns
        -------
        chosen : ndarray of bool of shape (n_samples,)
        """
        numbers = _numbers(self.X, seed)
        chosen = np.zeros(len(numbers), dtype=bool)
        for class_number in np.unique(self.class_number):
            members = np.flatnonzero(self.class_number == class_number)
            _, group = np.unique(numbers[members], return_inverse=True)
            weight = np.bincount(group, weights=self.loss_weight[members])
            middle = np.cumsum(weight) - weight / 2
            # Not quite the fraction: at a tie, rounding must not decide
            taken = middle / weight.sum() < fraction - 1e-9
            taken[0], taken[-1] = True, False
            chosen[members] = taken[group]
        return chosen


def _class_weights(class_weight, classes, training_set):
    """Return the class weight of each sample."""
    if isinstance(class_weight, dict):
        # scikit-learn's rule: a fold may lack a class that has a weight, and a class
        # may lack a weight, but both at once is taken for a mistyped label.
        without = [label for label in classes.tolist() if label not in class_weight]
        unknown = set(class_weight) - set(classes.tolist())
        if unknown and without:
            raise ValueError(
                f"class_weight has the classes {sorted(unknown, key=repr)}, which are "
                f"not among those of y, {classes}, and lacks {without}. Give each "
                "class of y a weight, under the label that y has."
            )
        for weight in class_weight.values():
            if not isinstance(weight, Real) or not 0 <= weight < np.inf:
                raise ValueError(
                    "class_weight must have finite numbers that are not negative. Got "
                    f"{class_weight}."
                )
        by_class = [class_weight.get(label, 1.0) for label in classes.tolist()]
        return np.array(by_class)[training_set.class_number]
    present, position = np.unique(training_set.y, return_inverse=True)
    by_class = compute_class_weight(
        class_weight,
        classes=present,
        y=training_set.y,
        sample_weight=training_set.loss_weight,
    )
    return by_class[position]


def _numbers(X, seed):
    """Draw a number for each row, the same for equal rows."""
    key = int(seed).to_bytes(8)
    numbers = np.empty(X.shape[0], np.uint64)
    for start in range(0, X.shape[0], _ROWS_AT_A_TIME):
        rows = X[start : start + _ROWS_AT_A_TIME]
        rows = rows.toarray() if sparse.issparse(rows) else rows
        # + 0 makes 0.0 of -0.0, which equals it
        for number, row in enumerate(np.ascontiguousarray(rows) + 0, start):
            digest = blake2b(row, digest_size=8, key=key).digest()
            numbers[number] = int.from_bytes(digest)
    return numbers
