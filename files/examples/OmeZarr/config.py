# OmeZarr: converts images to OME-Zarr with ngff-zarr, one job for each image.

# The run
APP_NAME = "OmeZarr"

# The tool. A pixel of a level is the mean of two by two pixels of the level before; a file holds 256 by 256
# pixels of one channel. S3 charges for each uploaded file: for large images, add --chunks-per-shard 8.
DOCKERHUB_TAG = "user/distributed-something:sometag"  # your own image; buildImage makes it
COMMAND = (
    "ngff-zarr --quiet --input {input}/{image}.ome.tif --output {output}/{image}.ome.zarr"
    " --method dask_bin_shrink --memory-target 1GB"
)
INPUT = "images/{image}.ome.tif"
OUTPUT = "zarr/{image}"

# AWS
AWS_BUCKET = "your-bucket-name"
SSH_KEY_NAME = "your-key-file.pem"

# Machines. Images are read piece by piece: five channels of 2160 by 2160 pixels need 150 MB of memory, and a
# slide of 200 MB needs 300 MB.
CLUSTER_MACHINES = 4
TASKS_PER_MACHINE = 1
MACHINE_TYPE = ["m5.large", "m6i.large"]
MACHINE_PRICE = 0.08  # at most, in dollars an hour
EBS_VOL_SIZE = 30  # GB: for slides, add three times the size of the largest image for each of DOCKER_CORES
ASSIGN_IP = "True"  # in the default network, machines need a public address to reach AWS
DOCKER_CORES = 2  # images at the same time in a container
MEMORY = 6000  # MB
SECONDS_TO_START = 0
JOB_RETRIES = 3

# Do not skip jobs by counting files: the number differs from image to image (empty chunks are not written),
# and an image whose upload was interrupted would count as done.
CHECK_IF_DONE_BOOL = "False"
