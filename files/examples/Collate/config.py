# Collate: turns measurements of single cells into a profile of each well with pycytominer, one job a plate.

# The run
APP_NAME = "Collate"

# The tool: three pycytominer commands, one after the other
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own image; buildImage makes it
COMMAND = """
sh -ec '
    cd {output}
    pycytominer aggregate {input}/cells {Plate!q}_aggregated.csv --compute_object_count
    pycytominer annotate {Plate!q}_aggregated.csv {input}/platemap.csv {Plate!q}_augmented.csv
    pycytominer normalize {Plate!q}_augmented.csv {Plate!q}_normalized.csv --samples={controls!q}
'
"""
INPUT = "plates/{Plate}/"  # cells/*.parquet and platemap.csv
OUTPUT = "profiles/{Plate}"

# AWS
AWS_BUCKET = "your-bucket-name"
SSH_KEY_NAME = "your-key-file.pem"

# Machines. pycytominer holds about four copies of a plate in memory: 500,000 cells with 3,500 features of
# 8 bytes are 14 GB, and need 56 GB. 1 GB is enough for the plates of the rehearsal.
CLUSTER_MACHINES = 3
TASKS_PER_MACHINE = 1
MACHINE_TYPE = ["r5.2xlarge", "r6i.2xlarge"]  # 64 GiB
MACHINE_PRICE = 0.30  # at most, in dollars an hour
EBS_VOL_SIZE = 60  # GB: the system, the image, and a plate's files
ASSIGN_IP = "True"  # in the default network, machines need a public address to reach AWS
DOCKER_CORES = 1  # plates at the same time in a container; each needs this much memory
MEMORY = 58000  # MB
SECONDS_TO_START = 0
JOB_RETRIES = 3

CHECK_IF_DONE_BOOL = "True"
EXPECTED_NUMBER_FILES = 3
NECESSARY_STRING = ".csv"
