"""Training samples with all that belongs to each, and how some are held out."""

from dataclasses import dataclass, replace
from hashlib import blake2b
from numbers import Real

import numpy as np
from scipy import sparse
from sklearn.utils.class_weight import compute_class_weight

from skdigits._utils.sklearn_private import _check_sample_weight

_ROWS_AT_A_TIME = 1000

# From where a row is split between training and validation, and not on one side
_MIN_COPIES = 5
_MIN_SHARE = 0.01


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

    def split(self, fraction, seed):
        """Split samples off for validation, of every class about the same fraction.

        Equal rows are held out together, whatever their classes, or not at all, so that
        no copy of a training image is validated on, and a class never loses its last
        row. A row that occurs at least 5 times and makes up more than a hundredth of
        the data is split itself: `fraction` of its weight in each class is held out.

        What is held out follows from the values of the rows, their classes and the seed
        alone. A row of weight two is the same as the row twice; where a split falls
        within the weight of a sample, the sample is in both parts.

        Parameters
        ----------
        fraction : float
            Between 0 and 1, of the weight.

        seed : int

        Returns
        -------
        training, held_out : TrainingSet
            The second has no samples if none can be held out.
        """
        share = self._share_held_out(fraction, seed)
        return self._part(1 - share), self._part(share)

    def _part(self, share):
        """Return the samples of which there is a share, weighing that share."""
        part = self[share > 0]
        share = share[share > 0]
        return replace(
            part,
            sample_weight=part.sample_weight * share,
            loss_weight=part.loss_weight * share,
        )

    def _share_held_out(self, fraction, seed):
        """Compute which share of each sample's weight to hold out, mostly 0 or 1."""
        # Distinct rows in a random order, that of their hashes, and cells: the samples
        # of a row and a class
        _, row = np.unique(_row_hashes(self.X, seed), return_inverse=True)
        n_classes = self.class_number.max() + 1
        cells, cell = np.unique(
            row * n_classes + self.class_number, return_inverse=True
        )
        cell_row, cell_class = np.divmod(cells, n_classes)
        scaled = self.sample_weight / self.sample_weight.max()
        cell_weight = np.bincount(cell, weights=scaled)
        row_weight = np.bincount(cell_row, weights=cell_weight)

        is_frequent = self._is_frequent(row, row_weight)
        may_be_held_out = ~is_frequent
        for class_number in np.unique(cell_class):
            may_be_held_out[cell_row[cell_class == class_number][-1]] = False
        # A row of several classes counts as one of that in which it weighs most
        heaviest_first = np.lexsort((-cell_weight, cell_row))
        row_class = cell_class[heaviest_first][
            np.unique(cell_row[heaviest_first], return_index=True)[1]
        ]
        row_class[is_frequent] = -1
        is_held_out = may_be_held_out & _first_of_each_class(
            row_class, row_weight, fraction
        )
        if not is_held_out.any() and not is_frequent.any():
            # Of few rows the fraction is less than half a row
            is_held_out[np.flatnonzero(may_be_held_out)[:1]] = True

        share = is_held_out[row].astype(float)
        split = np.flatnonzero(is_frequent[row])
        share[split] = _first_part(cell[split], scaled[split], fraction)
        return share

    def _is_frequent(self, row, row_weight):
        """Tell which rows are so many of the samples that they are split themselves."""
        # Weights count as copies where they are larger, as in a table of counts, and
        # copies where weights are small, as those of AdaBoost
        with np.errstate(over="ignore"):
            n_copies = np.maximum(
                np.bincount(row, weights=self.sample_weight), np.bincount(row)
            )
        return (n_copies >= _MIN_COPIES) & (row_weight > _MIN_SHARE * row_weight.sum())


def _first_of_each_class(row_class, row_weight, fraction):
    """Tell which rows make up a fraction of the weight of each class from 0 on."""
    is_first = np.zeros(len(row_weight), bool)
    carried = 0.0
    for class_number in np.unique(row_class[row_class >= 0]):
        members = np.flatnonzero(row_class == class_number)
        weight = row_weight[members]
        due = fraction * weight.sum() + carried
        middle = np.cumsum(weight) - weight / 2
        # Not quite what is due: at a tie, rounding must not decide
        wanted = middle < due * (1 - 1e-9)
        carried = due - weight[wanted].sum()
        is_first[members[wanted]] = True
    return is_first


def _first_part(group, weight, fraction):
    """Compute the share of each sample in the first part of its group's weight."""
    order = np.argsort(group, kind="stable")
    before = np.empty(len(group))
    before[order] = np.cumsum(weight[order]) - weight[order]
    _, first, group = np.unique(group, return_index=True, return_inverse=True)
    before -= before[first][group]
    due = fraction * np.bincount(group, weights=weight)
    # Rounded, or a sample could weigh next to nothing
    return np.clip((due[group] - before) / weight, 0, 1).round(9)


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


def _row_hashes(X, seed):
    """Draw a number for each row, the same for equal rows."""
    key = int(seed).to_bytes(8)
    hashes = np.empty(X.shape[0], np.uint64)
    for start in range(0, X.shape[0], _ROWS_AT_A_TIME):
        rows = X[start : start + _ROWS_AT_A_TIME]
        rows = rows.toarray() if sparse.issparse(rows) else rows
        # + 0 makes 0.0 of -0.0, which equals it
        for index, row in enumerate(np.ascontiguousarray(rows) + 0, start):
            digest = blake2b(row, digest_size=8, key=key).digest()
            hashes[index] = int.from_bytes(digest)
    return hashes
