# Bowtie2: aligns the pairs of reads of each sample to the genome of the phage lambda.

APP_NAME = "Bowtie2"
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own image; buildImage makes it
COMMAND = (
    "bowtie2 -p {cores} -x {input}/lambda_virus"
    " -1 {input}/{sample}_1.fq -2 {input}/{sample}_2.fq -S {output}/{sample}.sam"
)
INPUT = ["index/", "reads/{sample}_*.fq"]  # a folder, and a pattern
OUTPUT = "alignments/{sample}"

AWS_BUCKET = "your-bucket-name"
SSH_KEY_NAME = "your-key-file.pem"
CLUSTER_MACHINES = 2
MACHINE_TYPE = ["c5.xlarge", "c6i.xlarge"]
MACHINE_PRICE = 0.10  # at most, in dollars an hour
ASSIGN_IP = "True"  # in the default network, machines need a public address to reach AWS
DOCKER_CORES = 1
MEMORY = 3000  # MB
SECONDS_TO_START = 0
JOB_RETRIES = 3

CHECK_IF_DONE_BOOL = "True"
EXPECTED_NUMBER_FILES = 1
NECESSARY_STRING = ".sam"
