"""Makes job files from file names, tables or plate layouts, for makeJobs."""
