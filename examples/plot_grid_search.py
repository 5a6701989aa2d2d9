"""
Search a grid of parameters
===========================

:class:`~sklearn.model_selection.GridSearchCV` tries every combination of some
parameters in cross-validation and keeps the best. Which one that is matters less than
what the whole grid shows: which parameters matter, whether the grid reached far enough,
and whether the best is better than the rest by more than chance. It takes about twenty
seconds on two cores::

    python examples/plot_grid_search.py
"""

# %%
# The search
# ----------
# A step's name in the pipeline and two underscores go before the name of a parameter.
# The learning rates go up by a constant factor: it is factors that matter. 1,000 images
# are enough to see differences, and few enough to search in seconds.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from skdigits import FlattenScaler, MLPDigitClassifier, load_mnist

train, test = load_mnist("train"), load_mnist("test")
pipeline = Pipeline(
    [("scale", FlattenScaler()), ("mlp", MLPDigitClassifier(random_state=0))]
)
layers = [(16,), (64,), (128, 64)]
rates = [0.002, 0.006, 0.018, 0.054]
grid = {"mlp__hidden_layer_sizes": layers, "mlp__learning_rate": rates}
search = GridSearchCV(pipeline, grid, cv=3)
search.fit(train.images[:1000], train.target[:1000])
print(f"{len(search.cv_results_['params'])} combinations, {search.n_splits_} folds")
print(f"best: {search.best_params_}")

# %%
# The whole grid
# --------------
# ``cv_results_`` has a row for each combination, the last parameter running fastest, so
# that its scores can be shaped like the grid. Look at where the best ones are. On an
# edge, the grid is too small: a better one may lie beyond. Along a ridge, one parameter
# makes up for another, and along a row of equals it does not matter.

results = search.cv_results_
means = results["mean_test_score"].reshape(len(layers), len(rates))
figure, ax = plt.subplots(figsize=(6.5, 4.5), layout="constrained")
drawn = ax.imshow(100 * means, cmap="viridis", aspect="auto")
for (row, column), score in np.ndenumerate(100 * means):
    ax.text(
        column,
        row,
        f"{score:.1f}",
        ha="center",
        va="center",
        color="black" if drawn.norm(score) > 0.6 else "white",
        weight="bold" if score == drawn.norm.vmax else "normal",
    )
ax.set_xticks(range(len(rates)), rates)
ax.set_yticks(range(len(layers)), layers)
ax.set(
    title="Accuracy in cross-validation (%)",
    xlabel="learning_rate",
    ylabel="hidden_layer_sizes",
)
figure.colorbar(drawn, ax=ax)

# %%
# More than chance?
# -----------------
# The best of many is the best partly by luck. All combinations were scored on the same
# folds, so compare them fold by fold: how far is each behind the best one, on the same
# images? Those whose folds lie on both sides of zero may be as good.

folds = np.array([results[f"split{i}_test_score"] for i in range(search.n_splits_)])
behind = 100 * (folds - folds[:, [search.best_index_]])
order = np.argsort(-results["mean_test_score"], kind="stable")[:8]

figure, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
for place, index in enumerate(order):
    ax.plot(behind[:, index], [place] * len(folds), "o", color="#0072B2", alpha=0.6)
    ax.plot(behind[:, index].mean(), place, "|", color="black", ms=18, mew=2)
ax.axvline(0, color="0.3", linestyle=":")
names = [
    f"{results['param_mlp__hidden_layer_sizes'][i]}, rate "
    f"{results['param_mlp__learning_rate'][i]:g}"
    for i in order
]
ax.set_yticks(range(len(order)), names)
ax.invert_yaxis()
ax.set(
    title="The eight best, fold by fold",
    xlabel="accuracy, compared with the best (percentage points)",
)
ax.spines[["top", "right"]].set_visible(False)
ax.grid(axis="x", alpha=0.3)

# %%
# What it costs
# -------------
# More weights take longer to fit and to predict with, and more memory. Of combinations
# that score the same, the one with fewer weights is better, and there is no reason to
# look at those with another one above and to the left of them. ``mean_fit_time`` has
# the times, but those of fits as short as these vary with whatever else the machine
# does.

figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
styles = zip("^so", ("0.5", "#E69F00", "#0072B2"), strict=True)
areas = 20 + 25 * np.arange(len(rates))
for size, mean, (marker, color) in zip(layers, means, styles, strict=True):
    n_weights = np.dot((784, *size), (*size, 10))
    place = np.full(len(rates), n_weights)
    ax.scatter(place, 100 * mean, areas, color=color, marker=marker, label=str(size))
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.set(xlabel="weights of the network", ylabel="accuracy in cross-validation (%)")
ax.set_xlim(0)
ax.spines[["top", "right"]].set_visible(False)
ax.grid(alpha=0.3)
figure.legend(
    loc="outside right center",
    title="hidden_layer_sizes\n(larger marks are\nhigher rates)",
    frameon=False,
)

# %%
# The best one, on more images
# ----------------------------
# The search has fitted the best combination to all 1,000 images. Parameters found on
# few images are a start for more: a clone of ``best_estimator_`` has the same ones, and
# has learned nothing yet. Its score on the test images, which the search has not
# seen, is the one to believe; the best score of the search is the highest of many, and
# that of a training on two thirds of the images.

final = clone(search.best_estimator_).fit(train.images[:8000], train.target[:8000])
print(f"in cross-validation:     {search.best_score_:.2%}")
for size, model in (("1,000", search), ("8,000", final)):
    accuracy = model.score(test.images, test.target)
    print(f"trained on {size} images: {accuracy:.2%} of the test images")

plt.show()
