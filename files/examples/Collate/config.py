# Collate: from the measurements of single cells to a profile of each well, one job a plate, by pycytominer.

# The run
APP_NAME = "Collate"

# The tool: three of pycytominer's own commands, one after the other
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own; buildImage makes it
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

# Machines. pycytominer holds a whole plate in memory, about four times over: 500,000 cells with 3,500
# features of 8 bytes are 14 GB, and want 56 GB. For the plates of the rehearsal 1 GB is enough.
CLUSTER_MACHINES = 3
TASKS_PER_MACHINE = 1
MACHINE_TYPE = ["r5.2xlarge", "r6i.2xlarge"]  # 64 GiB
MACHINE_PRICE = 0.30  # dollars an hour, at most
EBS_VOL_SIZE = 60  # GB: the system, the image, and a plate's files
ASSIGN_IP = "True"  # the machines of the default network reach AWS by a public address
DOCKER_CORES = 1  # plates at the same time in a container; each needs its own memory
MEMORY = 58000  # MB
SECONDS_TO_START = 0
JOB_RETRIES = 3

CHECK_IF_DONE_BOOL = "True"
EXPECTED_NUMBER_FILES = 3
NECESSARY_STRING = ".csv"
