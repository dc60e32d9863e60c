"""What the package is made of, and what it needs. How the code is checked stands in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

REPORT = ["matplotlib>=3.5", "jinja2>=3.1.6"]
MOTO = "moto[server]==5.2.5"  # pinned exactly: distributed_something/local extends it
# Has wheels for these alone; without it the fuzzing is skipped.
ATHERIS = 'atheris>=3; sys_platform == "linux" and platform_machine == "x86_64" and python_version >= "3.11"'
# Whose clients the code uses, for mypy.
CLIENTS = "cloudwatch,ec2,ecr,ecs,iam,lambda,logs,s3,scheduler,service-quotas,sns,sqs,ssm,sts"

setup(
    name="distributed-something",
    version="0.1.0",
    description="Run one Dockerized tool on thousands of inputs in the cloud",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="BSD-3-Clause",
    python_requires=">=3.7",
    # python2worker is no package: its one file is run by the Python of a tool's image.
    packages=[*find_packages(include=["distributed_something*", "worker*"]), "python2worker"],
    package_data={
        "distributed_something.report": ["*.html"],
        "worker": ["*"],
        "python2worker": ["*"],
    },
    install_requires=["boto3>=1.24.84", "botocore>=1.27.84", "docker", "tqdm"],
    extras_require={
        "local": [MOTO],
        "report": REPORT,
        "demo": [MOTO, *REPORT, "scikit-image>=0.22"],
        "dev": [
            MOTO,
            *REPORT,
            "ministack>=1.4",
            "scikit-image>=0.22",
            "pytest>=8",
            "pytest-timeout",
            "pytest-xdist",
            "hypothesis",
            "sphinx>=8",
            "myst-parser>=4",
            "furo",
            "rich",
            ATHERIS,
            "parliament",
            "policy_sentry",
            "ruff==0.17.6",
            "mypy==2.4.1",
            f"types-boto3[{CLIENTS}]",
            "types-docker",
            "types-tqdm",
            "bandit==1.9.4",
        ],
    },
)
