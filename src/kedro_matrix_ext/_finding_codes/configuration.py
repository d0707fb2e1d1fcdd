"""Codes about configuration, settings and modules: of ``kedro matrix config check``, and of both checks."""

from __future__ import annotations

from kedro_matrix_ext._finding_codes.model import FindingCode, Severity

__all__ = ["CONFIGURATION_CODES"]

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

CONFIGURATION_CODES: tuple[FindingCode, ...] = (
    FindingCode(
        "invalid-configuration",
        _ERROR,
        "A configuration file cannot be read, or says what its model does not take.",
        "Correct what the message names.",
    ),
    FindingCode(
        "unread-configuration-file",
        _WARNING,
        "A file looks like parameters or catalog, and no pattern of the loader reads it.",
        "Rename it, or add a pattern to 'config_patterns'; config_loader_args() reads nested folders too.",
    ),
    FindingCode(
        "text-read-otherwise",
        _NOTE,
        "YAML 1.1 reads what looks like text as a boolean key or as a number with another text.",
        "Put it in quotes if it is text.",
    ),
    FindingCode(
        "unresolved-interpolation",
        _ERROR,
        "A '${...}' refers to what does not exist or to itself, or its resolver is unknown or fails.",
        "Correct the reference, or declare what it refers to.",
    ),
    FindingCode(
        "missing-environment-variable",
        _ERROR,
        "A value needs an environment variable that is not set.",
        "Set it in the shell or in .env, or give a default as in ${oc.env:NAME, default}.",
    ),
    FindingCode(
        "stale-override",
        _WARNING,
        "An environment sets what no layer below it has and nothing reads; below, it was renamed or removed.",
        "Remove it, or call it what it is called below.",
    ),
    FindingCode(
        "redundant-override",
        _NOTE,
        "An environment repeats the value that the layers below it give.",
        "Remove it.",
    ),
    FindingCode(
        "invalid-catalog-entry",
        _ERROR,
        "A catalog entry is not one that Kedro, or 'transcode:', takes.",
        "Correct the entry.",
    ),
    FindingCode(
        "unknown-dataset-type",
        _ERROR,
        "The class that a catalog entry names as its type cannot be imported.",
        "Install what provides it, or correct the type.",
    ),
    FindingCode(
        "missing-storage-package",
        _ERROR,
        "The protocol of a path, or the driver of a database, needs a package that is not installed.",
        "Add the package to the project's dependencies, and install it.",
    ),
    FindingCode(
        "missing-credentials",
        _ERROR,
        "A catalog entry names credentials that this environment does not have.",
        "Add them to credentials.yml of the environment, or correct the name.",
    ),
    FindingCode(
        "undeclared-dataset",
        _ERROR,
        "A pipeline reads a dataset that no node makes and no catalog entry or pattern declares.",
        "Give it a catalog entry, or correct the name.",
    ),
    FindingCode(
        "hook-not-loaded",
        _ERROR,
        "A hook of the project cannot be imported or built, or is not a hook, so no session starts.",
        "Correct its entry in HOOKS, or switch it off.",
    ),
    FindingCode(
        "unmatched-disable-variable",
        _WARNING,
        "A KEDRO_HOOKS_DISABLE_ variable is set that matches no hook, so it disables nothing.",
        "Correct the variable's name, or unset it.",
    ),
    FindingCode(
        "pipelines-not-loaded",
        _ERROR,
        "The project's pipelines cannot be loaded, so what they use is not checked.",
        "Correct the error in the pipelines' code.",
    ),
    FindingCode(
        "module-not-deferred",
        _NOTE,
        "A module that 'defer_node_imports' names runs while pipelines are built, or it names no module.",
        "Move what makes it run into another module, or leave it: it only takes time.",
    ),
    FindingCode(
        "transcoding-mismatch",
        _ERROR,
        "The engines name@engine of one dataset do not agree, or one that is used is declared nowhere.",
        "Declare the dataset once, with 'transcode:'.",
    ),
    FindingCode(
        "injected-object",
        _ERROR,
        cause="A node is given a parameter that declares an object which cannot be imported, is refused, or "
        "takes other arguments.",
        remedy="Correct the import path or the arguments under its 'object:'.",
    ),
    FindingCode(
        "no-allow-list",
        _NOTE,
        "Nodes are given objects that parameters declare, and no allow-list says which these may be.",
        "Set KEDRO_MATRIX_INJECT_ALLOWLIST in .env.defaults, or give 'allow=' in code.",
    ),
    FindingCode(
        "typed-parameter-refused",
        _ERROR,
        "The type hint of a node's argument refuses the parameter that it is given.",
        "Correct the parameter, or the class that the hint names.",
    ),
    FindingCode(
        "node-cannot-be-imported",
        _ERROR,
        "The module of a node fails when it is imported, or does not have the node's function.",
        "Install what is missing, or correct the module.",
    ),
    FindingCode(
        "variant-without-parameters",
        _WARNING,
        "A variant is declared in the dynamic pipelines mapping, and the parameters have no block for it.",
        "Write its parameters, or take it out of the mapping.",
    ),
    FindingCode(
        "parameters-without-variant",
        _WARNING,
        "There are parameters for a variant that the dynamic pipelines mapping does not declare.",
        "Declare the variant, or remove its parameters.",
    ),
)
