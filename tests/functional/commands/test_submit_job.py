"""submitJob: all are checked before one is sent, what is sent is exact, and it can be gone on with."""

import json

import pytest

from distributed_something.aws import queue
from distributed_something.commands.setup import setup
from distributed_something.commands.submit_job import submit
from distributed_something.errors import AwsRefusal, UserError


def bodies(bench):
    """Everything in the queue, taken out."""
    url = queue.find_url(bench.aws, bench.name + "Queue")
    found = []
    while True:
        answer = bench.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        if not answer.get("Messages"):
            return found
        found += [json.loads(message["Body"]) for message in answer["Messages"]]


@pytest.fixture
def ready(bench):
    setup(bench.context())
    bench.said()
    return bench


def test_every_group_becomes_a_message(ready):
    path = ready.write("job.json", {"input": "in", "groups": {"matrix": {"n": list(range(137))}}})
    assert submit(ready.context(), path) == 137
    found = sorted(bodies(ready), key=lambda body: body["group"]["n"])
    assert found == [{"input": "in", "group": {"n": n}} for n in range(137)]
    assert "137 jobs are in the queue" in ready.said()


def test_one_mistake_means_that_nothing_is_sent(ready):
    path = ready.write("job.json", {"groups": [{"n": 1}] * 1 + [{"n": n} for n in range(2, 50)] + [{"m": 1}]})
    with pytest.raises(UserError, match="group 50: the job has no key 'n'"):
        submit(ready.context(), path)
    assert bodies(ready) == []


def test_from_sends_only_the_rest(ready):
    path = ready.write("job.json", {"groups": [{"n": n} for n in range(1, 31)]})
    assert submit(ready.context(), path, "3,28") == 2
    assert submit(ready.context(), path, "30") == 1
    assert sorted(body["group"]["n"] for body in bodies(ready)) == [3, 28, 30]
    with pytest.raises(UserError, match="has only 30 jobs"):
        submit(ready.context(), path, "31")


def test_a_queue_that_takes_no_more_is_told_with_the_command_that_goes_on(ready):
    path = ready.write("job.json", {"groups": [{"n": n} for n in range(1, 1001)]})
    taken = []

    def refuse(**call):
        taken.append(1)
        if len(taken) > 20:
            error = {"Code": "AccessDenied", "Message": "no more"}
            raise ready.aws.sqs.exceptions.ClientError({"Error": error}, "SendMessageBatch")

    ready.aws.sqs.meta.events.register("provide-client-params.sqs.SendMessageBatch", refuse)
    with pytest.raises(AwsRefusal) as told:
        submit(ready.context(), path)
    ready.aws.sqs.meta.events.unregister("provide-client-params.sqs.SendMessageBatch", refuse)
    command = str(told.value).rsplit("python run.py ", 1)[1].split()
    assert command[:3] == ["submitJob", str(path), "--from"]
    submit(ready.context(), path, command[3])
    assert sorted(body["group"]["n"] for body in bodies(ready)) == list(range(1, 1001))


def test_a_missing_queue_is_told_with_the_command_that_makes_it(bench):
    path = bench.write("job.json", {"groups": [{"n": 1}]})
    with pytest.raises(UserError, match="There is no queue .* yet; make it first: python run.py setup"):
        submit(bench.context(), path)
