"""Sphinx's configuration. docs/development.md has the command that builds."""

import os
import sys
from pathlib import Path

# Of the examples and the plots, so that a large machine builds what a small one does
os.environ.setdefault("OMP_NUM_THREADS", "2")

from docutils import nodes
from sphinx_gallery.sorting import ExplicitOrder

import skdigits

sys.path.insert(0, str(Path(__file__).parent))
import try_it

project = "skdigits"
author = "The skdigits developers"
project_copyright = author
version = release = skdigits.__version__

extensions = [
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = True
default_role = "literal"

# Pages

SOURCE = "https://github.com/skdigits/skdigits"
PACKAGE = "https://pypi.org/project/skdigits"
UNRELEASED = (
    ", which is [installed from a clone](installation.md)" if ".dev" in version else ""
)

myst_enable_extensions = ["colon_fence", "deflist", "substitution"]
myst_heading_anchors = 3
myst_substitutions = {
    "version_and_links": (
        f"Version {version}{UNRELEASED} · [Source]({SOURCE}) · "
        f"[Issues]({SOURCE}/issues) · [Package on PyPI]({PACKAGE})"
    ),
}
# Of a session the lines with a prompt are copied: neither results nor tracebacks
copybutton_exclude = ".linenos"
copybutton_prompt_text = r">>> |\.\.\. |\.\.\.$"
copybutton_prompt_is_regexp = True
extlinks = {"arxiv": ("https://arxiv.org/abs/%s", "arXiv:%s")}

# Reference

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# Pictures

plot_formats = [("png", 144)]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_include_source = True
plot_rcparams = {"figure.figsize": (7, 4), "figure.constrained_layout.use": True}
plot_apply_rcparams = True

# Those not named come after those that are.
EXAMPLES = [
    "plot_mnist.py",
    "plot_training_curves.py",
    "plot_with_scikit_learn.py",
    "plot_hard_digits.py",
    "plot_compare_classifiers.py",
    "plot_learning_curves.py",
    "plot_grid_search.py",
    "plot_augmentation.py",
    "plot_your_own_digits.py",
    "plot_no_digit.py",
    "plot_explain_prediction.py",
]

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    # The others are programs, with arguments
    "filename_pattern": r"[/\\]plot_",
    "ignore_pattern": r"(^|[/\\])(?!plot_)[^/\\]*\.py$",
    "within_subsection_order": ExplicitOrder([*EXAMPLES, "*"]),
    "backreferences_dir": "generated/backreferences",
    "doc_module": "skdigits",
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_",),
    "download_all_examples": False,
    # Its text has the time on an idle machine; a build shares the machine
    "min_reported_time": float("inf"),
    "image_srcset": ["2x"],
    "remove_config_comments": True,
    "reset_modules": ("matplotlib",),
    "show_signature": False,
    "write_computation_times": False,
}

# Appearance

html_theme = "pydata_sphinx_theme"
html_title = "skdigits"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["skdigits.css"]
html_show_sourcelink = False
toc_object_entries_show_parents = "hide"
html_context = {"default_mode": "auto"}
html_copy_source = False
html_sidebars = {
    name: [] for name in ("index", "installation", "try_it", "development", "changelog")
}
html_theme_options = {
    "logo": {
        "text": "skdigits",
        "image_light": "_static/favicon.svg",
        "image_dark": "_static/favicon.svg",
    },
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher", "navbar-icon-links"],
    "icon_links": [
        {"name": "Source", "url": SOURCE, "icon": "fa-brands fa-github"},
        {"name": "Package", "url": PACKAGE, "icon": "fa-brands fa-python"},
    ],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
}

# Other projects

SCIKIT_LEARN = "https://scikit-learn.org/stable"
NUMPY = "https://numpy.org/doc/stable/reference"
PYTHON = "https://docs.python.org/3"

# Where things lie that the pages refer to and scikit-learn's scheme does not tell.
# Intersphinx would look them up, and needs the network for that.
SET_OUTPUT = f"{SCIKIT_LEARN}/auto_examples/miscellaneous/plot_set_output.html"
ELSEWHERE = {
    "KeyboardInterrupt": f"{PYTHON}/library/exceptions.html#KeyboardInterrupt",
    "accuracy_score": f"{SCIKIT_LEARN}/modules/model_evaluation.html#accuracy-score",
    "df_output_transform": f"{SCIKIT_LEARN}/modules/df_output_transform.html",
    "metadata_routing": f"{SCIKIT_LEARN}/metadata_routing.html",
    "numpy.random.Generator": f"{NUMPY}/random/generator.html#numpy.random.Generator",
    "numpy.random.default_rng": (
        f"{NUMPY}/random/generator.html#numpy.random.default_rng"
    ),
    "sphx_glr_auto_examples_miscellaneous_plot_set_output.py": SET_OUTPUT,
}


def link_to_other_project(app, env, node, contnode):
    """Resolve what no page here defines; None makes the build fail."""
    target = node["reftarget"]
    if node["reftype"] == "term":
        url = f"{SCIKIT_LEARN}/glossary.html#term-{target}"
    elif target.startswith("sklearn."):
        url = f"{SCIKIT_LEARN}/modules/generated/{target}.html"
    elif target in ELSEWHERE:
        url = ELSEWHERE[target]
    else:
        return None
    return nodes.reference("", "", contnode, internal=False, refuri=url)


def add_try_it(app):
    """Add what the page "Try it" needs, if it can be had."""
    files = Path(__file__).parent / "_build" / "browser"
    if try_it.prepare(files / "try_it"):
        app.config.html_static_path.append(str(files))
        app.tags.add("with_try_it")


def add_style_of_try_it(app, pagename, templatename, context, doctree):
    if pagename == "try_it":
        app.add_css_file("try_it/try_it.css")


def setup(app):
    add_try_it(app)
    app.connect("html-page-context", add_style_of_try_it)
    app.connect("missing-reference", link_to_other_project)
