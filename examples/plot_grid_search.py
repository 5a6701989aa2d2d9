"""
Search a grid of parameters
===========================

:class:`~sklearn.model_selection.GridSearchCV` tries every combination of some
parameters in cross-validation and keeps the best. The whole grid says more than the
best combination: which parameters matter, whether the grid was large enough, and
whether the best combination is better than the others by more than chance. The example
takes about twenty seconds on two cores.

To run it::

    python examples/plot_grid_search.py
"""

# %%
# The search
# ----------
# A parameter is named by its step in the pipeline, two underscores and its own name.
# The learning rates increase by a constant factor, because ratios matter. 1,000 images
# are enough to see differences, and few enough for a search in seconds.

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
# ``cv_results_`` has a row for each combination. The last parameter varies fastest, so
# the scores can be reshaped to the grid. Look where the best scores are. If they are at
# an edge, the grid is too small, and a better combination may lie outside it. If the
# scores along a row or column are equal, that parameter does not matter.

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
# The best of many combinations is partly the best by luck. All combinations were scored
# on the same folds, so compare them fold by fold. The plot shows the difference of each
# combination to the best. A combination with folds on both sides of zero may be as
# good as the best.

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
# Accuracy and size
# -----------------
# A network with more weights takes longer to fit and to predict, and more memory. Of
# two combinations with the same score, choose the one with fewer weights. Ignore a
# combination if another is above it and to its left. ``mean_fit_time`` has the times,
# but the times of such short fits depend on what else the machine does.

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
# The best combination, with more images
# --------------------------------------
# The search fitted the best combination to all 1,000 images. Good parameters for few
# images are a start for more images: a clone of ``best_estimator_`` is not fitted and
# has the same parameters. Report its score on the test images, which the search has not
# seen. The best score of the search is the highest of many, and its networks were
# trained on only two thirds of the images.

final = clone(search.best_estimator_).fit(train.images[:8000], train.target[:8000])
print(f"in cross-validation:     {search.best_score_:.2%}")
for size, model in (("1,000", search), ("8,000", final)):
    accuracy = model.score(test.images, test.target)
    print(f"trained on {size} images: {accuracy:.2%} of the test images")

plt.show()
