"""From names of files, tables or plates to a job file: what makeJobs is made of."""
