# Samtools: sorts, indexes and counts the alignments that the example Bowtie2 left in the bucket.

APP_NAME = "Samtools"
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own image; buildImage makes it
COMMAND = """
sh -ec '
    cd {output}
    samtools sort -@ {cores} -o {sample!q}.bam {input}/{sample!q}.sam
    samtools index {sample!q}.bam
    samtools stats {sample!q}.bam > {sample!q}.stats.txt
'
"""
INPUT = "alignments/{sample}/{sample}.sam"
OUTPUT = "sorted/{sample}"

AWS_BUCKET = "your-bucket-name"
SSH_KEY_NAME = "your-key-file.pem"
CLUSTER_MACHINES = 2
MACHINE_TYPE = ["m5.large", "m6i.large"]
MACHINE_PRICE = 0.06  # at most, in dollars an hour
ASSIGN_IP = "True"  # in the default network, machines need a public address to reach AWS
DOCKER_CORES = 1
MEMORY = 3000  # MB
SECONDS_TO_START = 0
JOB_RETRIES = 3

CHECK_IF_DONE_BOOL = "True"
EXPECTED_NUMBER_FILES = 3  # .bam, .bam.bai, .stats.txt
