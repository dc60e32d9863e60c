# CellProfiler: segments and measures cells, one job for each group of images. tool.py does the rest.

# The run
APP_NAME = "CellProfiler"
LOG_GROUP_NAME = APP_NAME

# The tool
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own image; buildImage makes it
COMMAND = "cellprofiler -c -r"  # tool.py adds the job's values
INPUT = ["{pipeline}", "{data_file}"]  # tool.py adds the images in the job's rows
JOB_TIMEOUT = 4 * 60 * 60  # seconds

# AWS
AWS_REGION = "us-east-1"
AWS_PROFILE = "default"
SSH_KEY_NAME = "your-key-file.pem"
AWS_BUCKET = "your-bucket-name"
SOURCE_BUCKET = AWS_BUCKET
DESTINATION_BUCKET = AWS_BUCKET

# Machines
ECS_CLUSTER = "default"
CLUSTER_MACHINES = 3
TASKS_PER_MACHINE = 1
MACHINE_TYPE = ["m5.xlarge", "m6i.xlarge", "m5a.xlarge"]
MACHINE_PRICE = 0.20  # at most, in dollars an hour
EBS_VOL_SIZE = 30  # GB
ASSIGN_IP = "True"

# Containers: CellProfiler uses one core, so four copies share the machine's memory
DOCKER_CORES = 4
CPU_SHARES = DOCKER_CORES * 1024
MEMORY = 15000  # MB
SECONDS_TO_START = 60  # between the copies, so that they do not need the most memory at the same time

# The queue
SQS_QUEUE_NAME = APP_NAME + "Queue"
SQS_MESSAGE_VISIBILITY = 60
SQS_DEAD_LETTER_QUEUE = "user_DeadMessages"
JOB_RETRIES = 3

# Skipping jobs that are done: four tables of measurements, one of the run, one picture
CHECK_IF_DONE_BOOL = "True"
EXPECTED_NUMBER_FILES = 6
MIN_FILE_SIZE_BYTES = 100
