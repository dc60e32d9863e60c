"""One file for each command of run.py, named after it.

Each has NAME, HELP, EXAMPLE, ``add_arguments(parser)`` and ``run(arguments, context)``; its work is a
function of its own that tests, `local` and other commands call with settings and an Aws.
"""
