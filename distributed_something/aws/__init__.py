"""One file for each AWS resource, in AWS's words.

Of this folder they import only `session`, `account`, `answers` and `errors`; beside it, only Settings,
`terminal/`, `clock`, the library's `errors`, `worker/protocol` and `worker/aws` (tests/unit/test_rooms.py).
"""
