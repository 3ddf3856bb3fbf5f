"""Landing: each new raw file once, as Parquet of its own."""
