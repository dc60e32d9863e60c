"""check: each prepared mistake gets exactly the line of the guide's troubleshooting page; all in one go."""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from distributed_something.aws import account, vpc
from distributed_something.checks.all_checks import findings
from distributed_something.commands import destroy_aws, setup_aws, start_cluster
from distributed_something.errors import UserError
from tests.functional.worker.rig import CHECKOUT

PAGE = (CHECKOUT / "documentation" / "troubleshooting.md").read_text(encoding="utf-8")
IDS = re.compile(r"\b(subnet|sg|vpc|ami)-[0-9a-f]{8,17}\b")


@pytest.fixture(scope="module")
def registry():
    """A registry with one image, for x86_64 alone. Yields its address."""
    manifests = {
        "/v2/tool/manifests/1": {
            "manifests": [
                {"platform": {"architecture": "amd64"}},
                {"platform": {"architecture": "unknown"}},
            ]
        }
    }

    class Registry(BaseHTTPRequestHandler):
        def do_GET(self):
            found = manifests.get(self.path)
            body = json.dumps(found or {"errors": [{"code": "MANIFEST_UNKNOWN"}]}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def good(bench, registry):
    """An account and files without a mistake; a test changes one thing."""
    bench.variables.update(
        DOCKERHUB_TAG=f"{registry}/tool:1",
        COMMAND="tool {n}",
        MEMORY=8000,
        CPU_SHARES=4096,
        DOCKER_CORES=1,
        MACHINE_PRICE=0.2,
    )
    bench.registry = registry
    setup_aws.set_up(bench.context())
    bench.spec, bench.fleet, bench.jobs = {}, {}, {"groups": [{"n": 1}, {"n": 2}]}
    quota(bench, 640)
    prices(bench, 0.0768, 0.0812)
    yield bench
    destroy_aws.destroy(bench.context())


def quota(bench, cores):
    def answer(model, **rest):
        return type("Http", (), {"status_code": 200})(), {"Quota": {"Value": float(cores)}}

    client = bench.aws.client("service-quotas")
    client.meta.events.unregister("before-call.service-quotas.GetServiceQuota", unique_id="quota")
    client.meta.events.register("before-call.service-quotas.GetServiceQuota", answer, unique_id="quota")


def prices(bench, *dollars):
    def answer(params, **rest):
        types = [value for key, value in params["body"].items() if key.startswith("InstanceType.")]
        history = [
            {
                "InstanceType": machine_type,
                "AvailabilityZone": f"us-east-1{zone}",
                "SpotPrice": str(price),
                "Timestamp": 0,
            }
            for machine_type in types
            for zone, price in zip("abc", dollars)
        ]
        return type("Http", (), {"status_code": 200})(), {"SpotPriceHistory": history}

    bench.aws.ec2.meta.events.register("before-call.ec2.DescribeSpotPriceHistory", answer)


def found(bench, inputs=False, **changes):
    fleet = bench.write("fleet.json", bench.fleet or {"LaunchSpecifications": [bench.spec]})
    jobs = bench.write("job.json", bench.jobs)
    context = bench.context(**changes)
    return list(findings(context.aws, context.settings, fleet, jobs, inputs))


def mistakes(bench, *arguments, **changes):
    """The lines of the mistakes, with names that are the same in every run."""
    lines = [one.line() for one in found(bench, *arguments, **changes) if one.is_mistake]
    return [named(bench, line) for line in lines]


def named(bench, line):
    line = line.replace(str(bench.folder) + "/", "files/").replace(bench.registry + "/", "user/")
    ids: dict = {}
    line = IDS.sub(lambda one: ids.setdefault(one[0], f"{one[1]}-{len(ids) + 1}"), line)
    return line.replace(bench.name, "cells")


def role(bench, service, name=None):
    """A role that this service may take."""
    name = name or bench.name + "Role"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    bench.aws.iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    return f"arn:aws:iam::123456789012:role/{name}"


def profile(bench, *roles):
    name = bench.name + "Profile"
    bench.aws.iam.create_instance_profile(InstanceProfileName=name)
    for one in roles:
        bench.aws.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=one.rsplit("/", 1)[-1])
    return {"Name": name}


def small_network(bench):
    """(subnet, security group) of a network of its own, with eleven addresses."""
    ec2 = bench.aws.ec2
    network = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.9.0.0/28")["Subnet"]["SubnetId"]
    return subnet, vpc.default_security_group(bench.aws, network)


@dataclass
class Mistake:
    name: str
    prepare: object = None
    changes: dict = field(default_factory=dict)
    inputs: bool = False


def spec(**keys):
    return lambda bench: bench.spec.update(keys)


def fleet(**keys):
    return lambda bench: bench.fleet.update({"LaunchSpecifications": [{}], **keys})


def jobs(document):
    def prepare(bench):
        bench.jobs = document

    return prepare


def other_network(bench):
    subnet, _ = small_network(bench)
    own = vpc.default_subnets(bench.aws)[0]
    group = vpc.default_security_group(bench.aws, own.vpc)
    bench.spec.update(SubnetId=subnet, SecurityGroups=[{"GroupId": group}])


def few_addresses(bench):
    subnet, group = small_network(bench)
    bench.spec.update(SubnetId=subnet, SecurityGroups=[{"GroupId": group}])


def may_not_write(bench):
    def refuse(**rest):
        error = {"Code": "AccessDenied", "Message": "Access Denied"}
        return type("Http", (), {"status_code": 403})(), {"Error": error, "ResponseMetadata": {}}

    bench.aws.s3.meta.events.register("before-call.s3.PutObject", refuse)


MISTAKES = [
    Mistake("memory too large", changes={"MEMORY": 15_900}),
    Mistake("two containers too many", changes={"TASKS_PER_MACHINE": 2, "MEMORY": 7000}),
    Mistake("done before it began", changes={"CHECK_IF_DONE_BOOL": True, "EXPECTED_NUMBER_FILES": 0}),
    Mistake("unknown machine type", changes={"MACHINE_TYPE": ["m5.gigantic"]}),
    Mistake("bid too low", changes={"MACHINE_PRICE": 0.05}),
    Mistake("more cores than the quota", lambda bench: quota(bench, 6)),
    Mistake("no such fleet role", fleet(IamFleetRole="arn:aws:iam::123456789012:role/gone")),
    Mistake(
        "fleet role of another service",
        lambda bench: fleet(IamFleetRole=role(bench, "ec2.amazonaws.com"))(bench),
    ),
    Mistake("no such instance profile", spec(IamInstanceProfile={"Name": "gone"})),
    Mistake(
        "a role's ARN for the instance profile",
        spec(IamInstanceProfile={"Arn": "arn:aws:iam::123456789012:role/ecsInstanceRole"}),
    ),
    Mistake(
        "a role's name for the instance profile",
        lambda bench: spec(IamInstanceProfile={"Name": role(bench, "ec2.amazonaws.com").rsplit("/", 1)[1]})(
            bench
        ),
    ),
    Mistake("empty instance profile", lambda bench: spec(IamInstanceProfile=profile(bench))(bench)),
    Mistake(
        "instance profile with the role of another service",
        lambda bench: spec(IamInstanceProfile=profile(bench, role(bench, "lambda.amazonaws.com")))(bench),
    ),
    Mistake("no such task role", changes={"TASK_ROLE": "gone"}),
    Mistake("no such key pair", changes={"SSH_KEY_NAME": "my-key.pem"}),
    Mistake("key pair of the example", changes={"SSH_KEY_NAME": "your-key-file.pem"}),
    Mistake("no such subnet", spec(SubnetId="subnet-0123456789abcdef0")),
    Mistake("no such security group", spec(SecurityGroups=[{"GroupId": "sg-0123456789abcdef0"}])),
    Mistake("subnet of another network", other_network),
    Mistake("too few addresses", few_addresses, changes={"CLUSTER_MACHINES": 100}),
    Mistake("no such machine image", spec(ImageId="ami-0123456789abcdef0")),
    Mistake("machine image of another architecture", spec(ImageId="ami-0ec5a12023000a64a")),
    Mistake("placeholder in the fleet file", spec(SubnetId="subnet-XXXXXXXX")),
    Mistake("fleet file without machines", lambda bench: bench.fleet.update(Type="maintain")),
    Mistake("no such bucket", changes={"AWS_BUCKET": "cells-of-nobody"}),
    Mistake("bucket that may not be written", may_not_write),
    Mistake("no such image", lambda bench: bench.variables.update(DOCKERHUB_TAG=f"{bench.registry}/tool:2")),
    Mistake("image of another architecture", changes={"MACHINE_TYPE": ["m6g.xlarge"]}),
    Mistake("job without a key", jobs({"groups": [{"n": 1}, {"m": 2}]})),
    Mistake("two jobs of one name", jobs({"groups": [{"n": 1}, {"n": 2}, {"n": 1}]})),
    Mistake("job file that is no JSON", jobs('{"groups": [{"n": 1},]}')),
    Mistake("input that is not there", changes={"INPUT": "plates/{n}/"}, inputs=True),
]


def test_an_account_and_files_without_a_mistake_have_none(good):
    notes = [one.what for one in found(good)]
    assert mistakes(good) == []
    assert any("2 jobs, from '1' on" in note for note in notes)
    assert any(note.startswith("2 machines cost about $") for note in notes)
    assert "setup has not been run yet, or config.py was changed since" in notes


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.name)
def test_each_mistake_gets_the_line_of_the_guide(good, mistake):
    if mistake.prepare:
        mistake.prepare(good)
    lines = mistakes(good, mistake.inputs, **mistake.changes)
    print("\n".join(lines))
    assert lines, "nothing was found"
    for line in lines:
        assert line in PAGE, f"documentation/troubleshooting.md lacks: {line}"
    assert len(lines) <= 2, lines


def test_a_pipe_that_hides_failures_is_a_note(good):
    notes = [one.what for one in found(good, COMMAND="sh -c 'a {n!q} | b'")]
    assert any(note.startswith("A pipe in COMMAND hides failures") for note in notes)
    assert mistakes(good, COMMAND="sh -c 'a {n!q} | b'") == []


def test_five_mistakes_at_once_are_all_told(good):
    good.spec.update(SubnetId="subnet-0123456789abcdef0", IamInstanceProfile={"Name": "gone"})
    good.jobs = {"groups": [{"m": 1}, {"n": 2}]}
    lines = mistakes(good, MEMORY=15_900, MACHINE_PRICE=0.05, SSH_KEY_NAME="my-key")
    for part in ("MEMORY", "MACHINE_PRICE", "subnet-1", "instance profile gone", "key pair", "group 1"):
        assert any(part in line for line in lines), (part, lines)


def test_start_cluster_looks_first_and_starts_nothing(good):
    from distributed_something import cli
    from distributed_something.commands.setup import setup

    setup(good.context())
    good.write("fleet.json", {"LaunchSpecifications": [{}]})
    typed = cli.parser().parse_args(["startCluster", str(good.folder / "fleet.json")])
    with pytest.raises(UserError, match=r"(?s)MACHINE_PRICE .* is below every spot price.*--no-check"):
        start_cluster.run(typed, good.context(MACHINE_PRICE=0.05))
    assert not list((good.folder / "files").glob("*")) if (good.folder / "files").exists() else True
    start_cluster.run(typed, good.context())
    assert (good.folder / "files" / f"{good.name}SpotFleetRequestId.json").exists()
    assert account.NAME in str(good.aws.scheduler.list_schedules()["Schedules"])


def test_what_may_not_be_asked_is_a_note(good):
    def refuse(**rest):
        error = {"Code": "UnauthorizedOperation", "Message": "You are not authorized"}
        return type("Http", (), {"status_code": 403})(), {"Error": error, "ResponseMetadata": {}}

    good.aws.ec2.meta.events.register_first("before-call.ec2.DescribeSpotPriceHistory", refuse)
    notes = [one.what for one in found(good)]
    assert mistakes(good) == []
    assert any(note.startswith("Spot prices could not be checked: AWS refused") for note in notes)
