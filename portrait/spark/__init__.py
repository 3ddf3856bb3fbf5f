"""The way past one machine: build, local cluster, comparison of both engines."""
