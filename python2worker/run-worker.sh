#!/bin/sh
# The container's entry: DOCKER_CORES workers, SECONDS_TO_START apart; SIGTERM goes to each of them.
here=/opt/distributed-something/python2worker
for name in python2.7 python2 python; do
    python=$(command -v "$name") && break
done
if [ -z "$python" ]; then
    echo "The container cannot start: there is no Python 2.7 in the image; build it with worker/ instead" >&2
    exit 2
fi

workers=""
stopped=""
trap 'stopped=yes; [ -z "$workers" ] || kill -TERM $workers 2> /dev/null' TERM INT
count=0
while [ "$count" -lt "${DOCKER_CORES:-1}" ] && [ -z "$stopped" ]; do
    if [ "$count" -gt 0 ]; then
        sleep "${SECONDS_TO_START:-0}" &
        wait $!
    fi
    if [ -z "$stopped" ]; then
        "$python" "$here/generic-worker.py" &
        workers="$workers $!"
    fi
    count=$((count + 1))
done

code=0
for worker in $workers; do
    # A signal ends `wait`, but not yet the worker.
    wait "$worker"
    status=$?
    while kill -0 "$worker" 2> /dev/null; do
        wait "$worker"
        status=$?
    done
    [ "$status" -le "$code" ] || code=$status
done
[ -n "$stopped" ] && [ "$code" -eq 143 ] && code=0
exit "$code"
