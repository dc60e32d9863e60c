# Samtools: sorts, indexes and counts the alignments that the example Bowtie2 left in the bucket.

APP_NAME = "Samtools"
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own; buildImage makes it
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
MACHINE_PRICE = 0.06  # dollars an hour, at most
ASSIGN_IP = "True"  # the machines of the default network reach AWS by a public address
DOCKER_CORES = 1
MEMORY = 3000  # MB
SECONDS_TO_START = 0
JOB_RETRIES = 3

CHECK_IF_DONE_BOOL = "True"
EXPECTED_NUMBER_FILES = 3  # .bam, .bam.bai, .stats.txt
