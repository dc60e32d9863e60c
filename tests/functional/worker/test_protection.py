"""A container at work protects itself from scaling in: against a stand-in of the ECS agent."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.waiting import wait_until


class Agent:
    """Notes what it is told; refuses while ``broken``."""

    def __init__(self):
        agent, self.told, self.broken = self, [], False

        class Endpoint(BaseHTTPRequestHandler):
            def do_PUT(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                agent.told.append((self.path, asked["ProtectionEnabled"]))
                self.send_response(500 if agent.broken else 200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        self.address = f"http://127.0.0.1:{self._server.server_port}/api/some-task"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def states(self):
        assert {path for path, _ in self.told} == {"/api/some-task/task-protection/v1/state"}
        return [state for _, state in self.told]


@pytest.fixture
def agent():
    made = Agent()
    yield made
    made.close()


def test_protected_from_the_first_job_to_the_first_empty_poll(rig, agent):
    for n in range(3):
        rig.send({"n": str(n)})
    rig.work("true {n}", ECS_AGENT_URI=agent.address)
    assert agent.states() == [True, False]
    assert len(rig.ledger()) == 3


def test_let_go_when_the_last_of_a_container_s_workers_is_idle(rig, agent):
    for name in ("one", "other"):
        rig.send({"n": name})
    command = f"sh -c 'until test -e {rig.folder}/{{n!q}}; do sleep 0.1; done'"
    for _ in range(2):
        rig.start(command, ECS_AGENT_URI=agent.address)
    wait_until(lambda: rig.counts() == (0, 2), "both work")
    (rig.folder / "one").touch()
    wait_until(lambda: rig.counts() == (0, 1), "one is done")
    busy_workers = rig.folder / ".busy-workers"
    wait_until(lambda: len(busy_workers.read_text().split()) == 1, "its worker is idle")
    assert set(agent.states()) == {True}
    (rig.folder / "other").touch()
    wait_until(lambda: agent.states()[-1] is False, "the container is let go")
    assert agent.states().count(False) == 1


def test_an_agent_that_refuses_fails_no_job(rig, agent):
    agent.broken = True
    for n in range(3):
        rig.send({"n": str(n)})
    printed = rig.work("true {n}", ECS_AGENT_URI=agent.address)
    assert rig.outcomes() == ["SUCCESS"] * 3
    assert printed.count("The container could not be protected") == 1
