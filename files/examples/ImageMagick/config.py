# ImageMagick: thumbnails of all images of a folder, and one picture that shows them side by side.

# The run
APP_NAME = "ImageMagick"

# The tool. In a shell's script a value is written {name!q} and arrives as it is, with its spaces and quotes.
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own; buildImage makes it
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
MACHINE_PRICE = 0.08  # dollars an hour, at most
EBS_VOL_SIZE = 30  # GB: a job's folder is downloaded; add the largest one's size for each of DOCKER_CORES
ASSIGN_IP = "True"  # the machines of the default network reach AWS by a public address
DOCKER_CORES = 2  # folders at the same time in a container
MEMORY = 2000  # MB: as Debian sets it, ImageMagick takes 256 MB for an image, and for the rest the disk
SECONDS_TO_START = 0
JOB_RETRIES = 3

# Not skipped by counting files: how many there are differs from folder to folder, and a folder whose upload
# was cut off would count as done.
CHECK_IF_DONE_BOOL = "False"
