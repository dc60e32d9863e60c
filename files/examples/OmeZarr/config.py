# OmeZarr: turns images into OME-Zarr, one job an image, by ngff-zarr.

# The run
APP_NAME = "OmeZarr"

# The tool. Each level's pixels are the means of two by two of the level before; a file holds 256 by 256
# pixels of one channel. Each file costs when it is put into S3: for large images add --chunks-per-shard 8.
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own; buildImage makes it
COMMAND = (
    "ngff-zarr --quiet --input {input}/{image}.ome.tif --output {output}/{image}.ome.zarr"
    " --method dask_bin_shrink --memory-target 1GB"
)
INPUT = "images/{image}.ome.tif"
OUTPUT = "zarr/{image}"

# AWS
AWS_BUCKET = "your-bucket-name"
SSH_KEY_NAME = "your-key-file.pem"

# Machines. Images are read piece by piece: five channels of 2160 by 2160 pixels take 150 MB of memory, a
# slide of 200 MB takes 300 MB.
CLUSTER_MACHINES = 4
TASKS_PER_MACHINE = 1
MACHINE_TYPE = ["m5.large", "m6i.large"]
MACHINE_PRICE = 0.08  # dollars an hour, at most
EBS_VOL_SIZE = 30  # GB: for slides add three times the largest image for each of DOCKER_CORES
ASSIGN_IP = "True"  # the machines of the default network reach AWS by a public address
DOCKER_CORES = 2  # images at the same time in a container
MEMORY = 6000  # MB
SECONDS_TO_START = 0
JOB_RETRIES = 3

# Not skipped by counting files: how many there are differs from image to image (chunks without any signal are
# not written), and an image whose upload was cut off would count as done.
CHECK_IF_DONE_BOOL = "False"
