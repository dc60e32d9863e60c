"""The report of a run, as a self-contained HTML file. Drawing it needs the extra [report]."""
