# Edit this file to run your tool. As shipped, it greets everybody in files/exampleJob.json:
#   python run.py local files/exampleJob.json

# The run
APP_NAME = "HelloWorld"  # names the queue, the service, the logs and everything else of this run
LOG_GROUP_NAME = APP_NAME  # names the log groups in CloudWatch

# The tool
DOCKERHUB_TAG = "user/distributed-something:sometag"  # the Docker image with the worker and the tool
COMMAND = "sh -c 'echo {greeting!q} {Name!q} > {output}/greeting.txt'"  # the command that runs for each job
INPUT = ""  # what to download first, for example 'images/{Plate}/'
OUTPUT = "greetings/{job}"  # the place in the bucket for the results
JOB_NAME = "{Name}"  # names a job's log and results; '': the group's values joined with '-'
JOB_TIMEOUT = 0  # seconds until a job counts as hanging; 0: no limit

# AWS
AWS_REGION = "us-east-1"
AWS_PROFILE = "default"  # the profile in ~/.aws with your credentials
SSH_KEY_NAME = "your-key-file.pem"  # the key pair for logging into the machines; '' for none
AWS_BUCKET = "your-bucket-name"  # for data, results and logs
SOURCE_BUCKET = AWS_BUCKET  # the bucket to read inputs from
DESTINATION_BUCKET = AWS_BUCKET  # the bucket to write results to
UPLOAD_FLAGS = ""  # for example '--acl bucket-owner-full-control'
TASK_ROLE = ""  # the containers' IAM role; '' for the one that setupAWS made, or else the machines' role

# Machines
ECS_CLUSTER = "default"
CLUSTER_MACHINES = 3  # number of machines
TASKS_PER_MACHINE = 1  # containers on each machine
MACHINE_TYPE = ["m5.xlarge"]  # the instance types that AWS may choose from
MACHINE_PRICE = 0.20  # the most that you are willing to pay for each, in dollars an hour
EBS_VOL_SIZE = 30  # disk of each machine in GB
ASSIGN_IP = "True"  # 'False': no public address (needs a NAT gateway)
DOWNLOAD_FILES = "True"  # 'False': mount the bucket instead

# Containers
DOCKER_CORES = 1  # jobs side by side in a container
CPU_SHARES = DOCKER_CORES * 1024  # 1024 is one core
MEMORY = 4000  # MB
SECONDS_TO_START = 60  # seconds between the starts of the copies

# The queue
SQS_QUEUE_NAME = APP_NAME + "Queue"
SQS_MESSAGE_VISIBILITY = 60  # seconds until the job of a dead machine goes to another one
SQS_DEAD_LETTER_QUEUE = "user_DeadMessages"  # the queue for failed jobs
JOB_RETRIES = 3  # attempts before a job counts as failed

# Monitoring
AUTO_MONITOR = "True"  # AWS watches the run and ends it, even while you sleep (needs setupAWS, once)
CREATE_DASHBOARD = "True"  # create a CloudWatch dashboard for the run
CLEAN_DASHBOARD = "True"  # remove the dashboard at the end
NOTIFY_EMAIL = ""  # receives an e-mail when the run ends (needs setupAWS, once)

# Skipping jobs that are done
CHECK_IF_DONE_BOOL = "False"  # 'True': skip a job whose results exist
EXPECTED_NUMBER_FILES = 1  # the number of files that a job leaves
MIN_FILE_SIZE_BYTES = 1  # the minimum size of each file
NECESSARY_STRING = ""  # text that each file name must contain
