# What you edit to run your tool. As it stands it greets everybody in files/exampleJob.json:
#   python run.py local files/exampleJob.json

# The run
APP_NAME = "HelloWorld"  # names the queue, the service, the logs ... of this run
LOG_GROUP_NAME = APP_NAME  # where CloudWatch keeps the logs

# The tool
DOCKERHUB_TAG = "user/distributed-something:sometag"  # the Docker image of worker and tool
COMMAND = "sh -c 'echo {greeting!q} {Name!q} > {output}/greeting.txt'"  # what runs for each job
INPUT = ""  # what is downloaded first, for example 'images/{Plate}/'
OUTPUT = "greetings/{job}"  # where in the bucket the results go
JOB_NAME = "{Name}"  # names a job's log and results; '' joins the group's values
JOB_TIMEOUT = 0  # seconds until a job counts as hanging; 0: never

# AWS
AWS_REGION = "us-east-1"
AWS_PROFILE = "default"  # the profile of ~/.aws with your credentials
SSH_KEY_NAME = "your-key-file.pem"  # key pair to log into the machines; '' for none
AWS_BUCKET = "your-bucket-name"  # data, results, logs
SOURCE_BUCKET = AWS_BUCKET  # read inputs from another bucket
DESTINATION_BUCKET = AWS_BUCKET  # write results to another bucket
UPLOAD_FLAGS = ""  # e.g. '--acl bucket-owner-full-control'
TASK_ROLE = ""  # role of the containers; '' for the one that setupAWS made, or else the machines' own

# Machines
ECS_CLUSTER = "default"
CLUSTER_MACHINES = 3  # how many
TASKS_PER_MACHINE = 1  # containers on each
MACHINE_TYPE = ["m5.xlarge"]  # any of these
MACHINE_PRICE = 0.20  # at most so many dollars an hour each
EBS_VOL_SIZE = 30  # GB of disk
ASSIGN_IP = "True"  # 'False': no public address (needs a NAT gateway)
DOWNLOAD_FILES = "True"  # 'False': the bucket is mounted instead

# Containers
DOCKER_CORES = 1  # copies of the tool in a container
CPU_SHARES = DOCKER_CORES * 1024  # 1024 is one core
MEMORY = 4000  # MB
SECONDS_TO_START = 60  # wait between starting the copies

# The queue
SQS_QUEUE_NAME = APP_NAME + "Queue"
SQS_MESSAGE_VISIBILITY = 60  # seconds until the job of a dead machine is given to another
SQS_DEAD_LETTER_QUEUE = "user_DeadMessages"  # keeps the jobs that failed
JOB_RETRIES = 3  # attempts before a job counts as failed

# Monitoring
AUTO_MONITOR = "True"  # AWS watches and ends the run, also while you sleep (needs setupAWS, once)
CREATE_DASHBOARD = "True"  # a page of CloudWatch that shows the run
CLEAN_DASHBOARD = "True"  # remove that page at the end
NOTIFY_EMAIL = ""  # gets a mail when the run has ended (needs setupAWS, once)

# Skipping jobs that are done
CHECK_IF_DONE_BOOL = "False"  # 'True': a job whose results are there is skipped
EXPECTED_NUMBER_FILES = 1  # how many files make a job done
MIN_FILE_SIZE_BYTES = 1  # how large each must be
NECESSARY_STRING = ""  # what each name must contain
