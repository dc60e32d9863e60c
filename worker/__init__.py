"""The program that runs in the container: polls the queue, runs the tool, uploads its results.

It imports nothing of the library behind run.py, since only this folder is copied into an image. The library
imports only worker/protocol/ and worker/aws/; config/tool_module.py loads a tool.py with
worker/tool_loader.py, as the worker does.
"""
