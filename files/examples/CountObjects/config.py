# CountObjects: finds the objects in images by several threshold methods, one job for each image and method.

# The run
APP_NAME = "CountObjects"
LOG_GROUP_NAME = APP_NAME

# The tool
DOCKERHUB_TAG = "user/distributed-something:sometag"  # an image with the worker and count_objects.py
COMMAND = "count_objects.py {input}/{image} {output} --method {method}"
INPUT = "images/{image}"  # downloaded for each job
OUTPUT = "results/{job}"  # where objects.csv and outlines.png go
JOB_NAME = "{image}-{method}"
JOB_TIMEOUT = 600  # seconds

# AWS
AWS_REGION = "us-east-1"
AWS_PROFILE = "default"
SSH_KEY_NAME = "your-key-file.pem"
AWS_BUCKET = "your-bucket-name"
SOURCE_BUCKET = AWS_BUCKET
DESTINATION_BUCKET = AWS_BUCKET

# Machines
ECS_CLUSTER = "default"
CLUSTER_MACHINES = 2
TASKS_PER_MACHINE = 1
MACHINE_TYPE = ["m5.large", "m6i.large"]
MACHINE_PRICE = 0.10  # at most, in dollars an hour
EBS_VOL_SIZE = 30  # GB
ASSIGN_IP = "True"

# Containers
DOCKER_CORES = 1
CPU_SHARES = DOCKER_CORES * 1024
MEMORY = 3000  # MB
SECONDS_TO_START = 10

# The queue
SQS_QUEUE_NAME = APP_NAME + "Queue"
SQS_MESSAGE_VISIBILITY = 60
SQS_DEAD_LETTER_QUEUE = "user_DeadMessages"
JOB_RETRIES = 3

# Skip jobs that are done: if you run the demo twice, the second run has nothing to do
CHECK_IF_DONE_BOOL = "True"
EXPECTED_NUMBER_FILES = 2
MIN_FILE_SIZE_BYTES = 100
