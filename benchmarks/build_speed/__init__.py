"""Time, processor time and memory of whole builds of invented companies, beside what bounds them.

    make bench BENCH="--people 100000 --folder target/bench"

`company` makes the raw files, `process` measures a command, `build` a `portrait build`, and
`beside` what the build is compared with; `report` and `plot` write what came of it.
"""
