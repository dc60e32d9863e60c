# -*- coding: utf-8 -*-
"""Why the worker must stop: a signal, or the notice that EC2 takes the spot machine back in two minutes."""

from __future__ import division, print_function, unicode_literals

import threading

_LOOK_EVERY = 5.0


class Stop(object):
    """Asked of the worker once; the first reason stays."""

    def __init__(self):
        self._asked = threading.Event()
        self.reason = ""

    def ask(self, reason):
        if not self._asked.is_set():
            self.reason = reason
            self._asked.set()

    @property
    def asked(self):
        return self._asked.is_set()

    def wait(self, seconds):
        """Sleep, unless asked to stop meanwhile. Returns whether it was."""
        return self._asked.wait(seconds)


class SpotWatch(object):
    """Looks for the interruption notice, on machines of EC2 only."""

    def __init__(self, metadata):
        self._metadata = metadata

    def start(self, stop):
        """Look once now, and then every five seconds in the background."""
        if not self._metadata.there:
            return
        self._look(stop)
        thread = threading.Thread(target=self._follow, args=(stop,))
        thread.daemon = True
        thread.start()

    def _follow(self, stop):
        while not stop.wait(_LOOK_EVERY):
            self._look(stop)

    def _look(self, stop):
        # instance-action is 404 until the notice.
        if self._metadata.get("spot/instance-action") is not None:
            stop.ask("EC2 takes this spot machine back")
