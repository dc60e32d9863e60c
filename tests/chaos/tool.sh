# The tool of every scenario: notes that it ran, and for which worker; leaves what can be checked; takes its
# time; and ends as it is told to: ok, fail, full (writes more than the disk holds), or large (one large file).
#   sh tool.sh JOB OUTPUT RUNS FILES SECONDS ok|fail|full|large
set -e
job=$1 output=$2 runs=$3 files=$4 seconds=$5 end=$6
echo "$job $PPID" >> "$runs"
if [ "$end" = large ]; then
    yes "job $job" | head -c "$((files * 1048576))" > "$output/0.txt"
    exit 0
fi
i=0
while [ "$i" -lt "$files" ]; do
    echo "file $i of job $job" > "$output/$i.txt"
    i=$((i + 1))
done
sleep "$seconds"
case $end in
    fail)
        echo "job $job can never be done"
        exit 3
        ;;
    full) head -c 50000000 /dev/zero > "$output/large" ;;
esac
