# ImageMagick: makes thumbnails of all images in a folder, and one picture that shows them side by side.

# The run
APP_NAME = "ImageMagick"

# The tool. In a shell script, write a value as {name!q}: it arrives unchanged, with its spaces and quotes.
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own image; buildImage makes it
COMMAND = """
sh -ec '
    cd {output}
    mkdir thumbnails
    mogrify -path thumbnails -format jpg -thumbnail {size!q} {input}/*
    montage -font DejaVu-Sans -title {title!q} -label %t -geometry {size!q}+6+6 thumbnails/*.jpg montage.jpg
'
"""
INPUT = "images/{folder}/"
OUTPUT = "overviews/{folder}"
JOB_NAME = "{folder}"

# AWS
AWS_BUCKET = "your-bucket-name"
SSH_KEY_NAME = "your-key-file.pem"

# Machines
CLUSTER_MACHINES = 2
TASKS_PER_MACHINE = 1
MACHINE_TYPE = ["m5.large", "m6i.large"]
MACHINE_PRICE = 0.08  # at most, in dollars an hour
EBS_VOL_SIZE = 30  # GB: add the size of the largest folder for each of DOCKER_CORES
ASSIGN_IP = "True"  # in the default network, machines need a public address to reach AWS
DOCKER_CORES = 2  # folders at the same time in a container
MEMORY = 2000  # MB: Debian's ImageMagick uses 256 MB for an image, and the disk for the rest
SECONDS_TO_START = 0
JOB_RETRIES = 3

# Do not skip jobs by counting files: the number differs from folder to folder, and a folder whose upload was
# interrupted would count as done.
CHECK_IF_DONE_BOOL = "False"
