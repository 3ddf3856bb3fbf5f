"""Landing: reads each new raw file once, into a Parquet file."""
