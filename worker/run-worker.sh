#!/bin/sh
# The container's entry: the worker's own Python runs container.py, which starts and watches all the rest.
here=/opt/distributed-something
exec "$here/bin/python3" -I "$here/worker/container-main.py"
