# HelloWorld: the smallest example. All other variables have their defaults.

APP_NAME = "HelloWorld"
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own image; buildImage makes it
COMMAND = "sh -c 'printf \"Hello, %s!\\n\" {Name!q} > {output}/hello.txt'"
OUTPUT = "hello/{job}"

AWS_BUCKET = "your-bucket-name"
SSH_KEY_NAME = "your-key-file.pem"
CLUSTER_MACHINES = 1
MACHINE_TYPE = ["m5.large"]
ASSIGN_IP = "True"  # in the default network, machines need a public address to reach AWS
DOCKER_CORES = 1
MEMORY = 1000  # MB
SECONDS_TO_START = 0
EXPECTED_NUMBER_FILES = 1
