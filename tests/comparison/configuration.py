"""The rows of the README's table about configuration, pipelines and what nodes receive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.comparison.tools import UndecidedError, decide

if TYPE_CHECKING:
    from tests.comparison.tools import Project, Tool

__all__ = ["BY_HAND", "LACK", "YES", "lacks_command"]

YES, LACK, BY_HAND = "yes", "\N{EN DASH}", "by hand"
OURS, COPIED = "kedro-matrix-ext", "copied helpers"
RUN_ONE = """
    from kedro.pipeline import Node, Pipeline
    {decorator}

    def use(model):
        print("the node has got a", type(model).__name__)

    def register_pipelines():
        return {{"__default__": Pipeline([Node(decorate(use), "params:model", None, name="use")])}}
"""
DECORATORS = {
    COPIED: "from shop.copied_helpers import inject_object as decorate",
    OURS: "from kedro_matrix_ext import inject_object\n    decorate = inject_object()",
}
HOOK = """
    from kedro.framework.hooks import hook_impl

    class Noisy:
        @hook_impl
        def after_context_created(self, context):
            print("the hook was called")
"""
HOOKS = {
    COPIED: "\nHOOKS = choose_hooks({'NOISY': 'shop.noise.Noisy'})\n",
    OURS: "\nfrom kedro_matrix_ext import determine_hooks_to_execute\n"
    "HOOKS = determine_hooks_to_execute({'noisy': 'shop.noise.Noisy'})\n",
}
MAPPING = "\nDYNAMIC_PIPELINES_MAPPING = {'price': ['base', 'test']}\n"
OUR_MAPPING = (
    "\nfrom kedro_matrix_ext import dynamic_pipeline_mapping\n"
    "DYNAMIC_PIPELINES_MAPPING = dynamic_pipeline_mapping({'price': ['base', 'test']})\n"
)
LOOP = """
    from kedro.framework.project import settings
    from kedro.pipeline import Node, Pipeline

    def register_pipelines():
        skeleton = Pipeline([Node(len, "cars", "number", name="count")])
        variants = [
            Pipeline(skeleton, namespace=f"{namespace}.{variant}", tags=[namespace, variant], inputs={"cars"})
            for namespace, names in settings.DYNAMIC_PIPELINES_MAPPING.items()
            for variant in names
        ]
        return {"__default__": sum(variants, Pipeline([]))}
"""
CALL = """
    from kedro.framework.project import settings
    from kedro.pipeline import Node, Pipeline
    from kedro_matrix_ext.pipelines import per_variant

    def register_pipelines():
        skeleton = Pipeline([Node(len, "cars", "number", name="count")])
        return {"__default__": per_variant(skeleton, settings.DYNAMIC_PIPELINES_MAPPING, inputs={"cars"})}
"""
VARIANTS = """
    from pathlib import Path
    from kedro.framework.project import pipelines
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(Path.cwd())
    found = sorted([node.name, *sorted(node.tags)] for node in pipelines["__default__"].nodes)
"""
ENGINES = """
    import pandas
    from kedro.pipeline import Node, Pipeline

    def make():
        return pandas.DataFrame({"seats": [1, 2]})

    def look(table):
        print("the node has got", type(table).__module__.partition(".")[0], len(table))

    def register_pipelines():
        nodes = [Node(make, None, "table@pandas", name="make"), Node(look, "table@polars", None, name="look")]
        return {"__default__": Pipeline(nodes)}
"""
ENTRY_EACH = """
    table@pandas: {type: pandas.ParquetDataset, filepath: data/table.parquet}
    table@polars: {type: polars.EagerPolarsDataset, file_format: parquet, filepath: data/table.parquet}
"""
ONE_ENTRY = "table: {transcode: [pandas, polars], format: parquet, filepath: data/table.parquet}\n"
# What the options of the other tools do, checked by a person. A new option must be checked too.
LOOKED_AT = {
    *("catalog describe-datasets", "catalog list-patterns", "catalog resolve-patterns", "info", "ipython"),
    *(
        "jupyter convert",
        "jupyter lab",
        "jupyter notebook",
        "jupyter setup",
        "new",
        "package",
        "pipeline create",
    ),
    *("pipeline delete", "registry describe", "registry list", "run", "server start", "starter list"),
    *("argo init", "argo submit", "argo resubmit", "airflow create"),
}


def reach(tool: Tool) -> str:
    """Check whether an override reaches what base builds from the value."""
    files = {
        "conf/base/parameters.yml": "root: data\nraw: ${root}/raw\n",
        "conf/cloud/parameters.yml": "root: s3://b\n",
    }
    shown = tool.make_project(files).find_parameter("raw", "cloud")
    return decide(shown, {'"s3://b/raw"': YES, '"data/raw"': LACK})


def inherit_environment(tool: Tool) -> str:
    """Check whether prod can use the values of cloud without repeating them."""
    files = {
        "conf/base/parameters.yml": "place: base\n",
        "conf/cloud/parameters.yml": "place: cloud\n",
        "conf/prod/parameters.yml": "size: 3\n",
    }
    if tool.name == OURS:
        files["conf/prod/environment.yml"] = "inherits: [cloud]\n"
    shown = tool.make_project(files).find_parameter("place", "prod")
    return decide(shown, {'"cloud"': YES, '"base"': LACK})


def merge(tool: Tool) -> str:
    """Check whether a block can inherit from one in another file, with a few nested keys changed."""
    files = {
        "conf/base/parameters.yml": "a: {x: {p: 1, q: 1}}\n",
        "conf/base/parameters_b.yml": "b: ${merge:${a},{x:{q:2}}}\n",
    }
    shown = tool.make_project(files).find_parameter("b", "local")
    return decide(shown, {'{"x": {"p": 1, "q": 2}}': YES, "Unsupported interpolation type merge": LACK})


def inject(tool: Tool) -> str:
    """Check whether a node receives the object that its parameters declare."""
    decorator = DECORATORS.get(tool.name, "decorate = lambda function: function")
    files = {
        "conf/base/parameters.yml": "model: {object: fractions.Fraction, numerator: 3}\n",
        "src/shop/pipeline_registry.py": RUN_ONE.format(decorator=decorator),
    }
    shown = tool.make_project(files).kedro("run").shown
    return decide(shown, {"the node has got a Fraction": YES, "the node has got a dict": LACK})


def switch_off(tool: Tool) -> str:
    """Check whether KEDRO_HOOKS_DISABLE_NOISY keeps a hook from being called."""
    settings = HOOKS.get(tool.name, "\nfrom shop.noise import Noisy\nHOOKS = (Noisy(),)\n")
    # No runs: some of the tools end the command where its pipeline is empty.
    project = tool.make_project({"src/shop/noise.py": HOOK}, settings=settings)
    called = "the hook was called"
    heard = project.kedro("catalog", "list-patterns").shown
    shown = project.kedro("catalog", "list-patterns", KEDRO_HOOKS_DISABLE_NOISY="1")
    if called not in heard or shown.status:
        raise UndecidedError(f"{heard[-500:]}\n{shown.shown[-500:]}")
    return LACK if called in shown.shown else YES


def make_variants(tool: Tool) -> str:
    """Check what it takes to have a pipeline in the variants that settings.py lists."""
    ours = tool.name == OURS
    project = tool.make_project(
        {"src/shop/pipeline_registry.py": CALL if ours else LOOP}, settings=OUR_MAPPING if ours else MAPPING
    )
    found, shown = project.find(VARIANTS)
    if found != [["price.base.count", "base", "price"], ["price.test.count", "price", "test"]]:
        raise UndecidedError(shown)
    return YES if ours else BY_HAND


def several_engines(tool: Tool) -> str:
    """Check what it takes for polars to read what pandas wrote."""
    ours = tool.name == OURS
    files = {
        "conf/base/catalog.yml": ONE_ENTRY if ours else ENTRY_EACH,
        "src/shop/pipeline_registry.py": ENGINES,
    }
    shown = tool.make_project(files).kedro("run").shown
    return decide(shown, {"the node has got polars 2": YES if ours else BY_HAND})


def explain(tool: Tool) -> str:
    """Check whether a tool shows in which file and line a value is written."""
    files = {"conf/base/parameters.yml": "root: data\nraw: ${root}/raw\n"}
    project = tool.make_project(files)
    if tool.name != OURS:
        return lacks_command(project)
    shown = project.kedro("matrix", "config", "explain", "raw", "-e", "base").shown
    return decide(shown, {"conf/base/parameters.yml:1": YES})


def lacks_command(project: Project) -> str:
    """Check that every command is reviewed and that none does what the row says."""
    if new := project.list_commands() - LOOKED_AT:
        raise UndecidedError(f"{project.tool.name} has commands that nobody has looked at: {sorted(new)}")
    return LACK
