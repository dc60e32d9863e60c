# -*- coding: utf-8 -*-
"""What EC2 tells a machine about itself: the instance metadata service, version 2 only."""

from __future__ import division, print_function, unicode_literals

import urllib2

_ENDPOINT = "http://169.254.169.254"
_TIMEOUT = 1.0


class Metadata(object):
    """Asks the service; on a machine that is none of EC2's there is nobody to ask."""

    def __init__(self, variables):
        given = variables.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "").rstrip("/")
        self._endpoint = given or _ENDPOINT
        #: ECS sets its own variable in every container; without either, asking would only cost time.
        self.there = bool(given or variables.get("ECS_CONTAINER_METADATA_URI_V4"))

    def get(self, path):
        """One value, for example ``instance-id``; None when it is not there."""
        if not self.there:
            return None
        try:
            token = self._ask("/latest/api/token", "PUT", "X-aws-ec2-metadata-token-ttl-seconds", "60")
            return self._ask("/latest/meta-data/" + path, "GET", "X-aws-ec2-metadata-token", token)
        except EnvironmentError:
            return None

    def _ask(self, path, method, header, value):
        request = urllib2.Request(str(self._endpoint + path), headers={str(header): str(value)})
        request.get_method = lambda: str(method)
        direct = urllib2.build_opener(urllib2.ProxyHandler({}))
        return direct.open(request, timeout=_TIMEOUT).read()
