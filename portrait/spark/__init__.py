"""Apache Spark: the build on a cluster, a cluster on this machine, the comparison with DuckDB."""
