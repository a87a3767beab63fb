"""Embeds a folder of photos with Apache Spark: one task a part, and a task that fails is run again.

    python on_spark.py my-photos parts --count 64 --master spark://head:7077
    lookalike build my-photos --embeddings parts --out my-site

Every machine must see the photos, the folder of parts and the command under the same names, as on a shared disk.
A part that is there already is left as it is: run again after a failure, only what is missing is done.
Exit codes are those of `lookalike embed`: 0 done, 3 done but some photos were skipped.
"""

import argparse
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

DONE, SOME_SKIPPED = 0, 3


def embed(options, number):
    """Writes one part, in whichever process Spark has chosen; raises what Spark should try again."""
    out = Path(options.parts) / f"{number:05}-of-{options.count:05}.parquet"
    command = [options.lookalike, "embed", options.photos, "--model", options.model]
    command += ["--part", f"{number}/{options.count}", "--out", str(out)]
    if options.metadata:
        command += ["--metadata", options.metadata]
    # Spark gives each task its cores; without a limit each would take all.
    environment = {**os.environ, "RAYON_NUM_THREADS": options.cores}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment)
    if ended.returncode not in (DONE, SOME_SKIPPED):
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr.strip()}")
    skipped = [line for line in ended.stderr.splitlines() if line.startswith("skipped ")]
    return ended.returncode, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=os.path.abspath)
    parser.add_argument("parts", type=os.path.abspath)
    parser.add_argument("--count", type=int, default=8, help="how many parts [8]")
    parser.add_argument("--model", default="default", help="as for `lookalike embed`")
    parser.add_argument("--metadata", type=os.path.abspath, help="a file with the photos' tags, as for `lookalike embed`")
    parser.add_argument("--lookalike", default="lookalike", help="where the command is")
    parser.add_argument("--master", default="local-cluster[2,1,1024]", help="two workers on this machine, unless given")
    options = parser.parse_args()

    spark = SparkSession.builder.appName("lookalike embed").master(options.master).getOrCreate()
    options.cores = spark.conf.get("spark.task.cpus", "1")
    numbers = spark.sparkContext.parallelize(range(1, options.count + 1), options.count)
    ended = numbers.map(partial(embed, options)).collect()
    spark.stop()
    for line in sorted(line for _, skipped in ended for line in skipped):
        print(line, file=sys.stderr)
    print(f"{options.count} parts in {options.parts}")
    return max(code for code, _ in ended)


if __name__ == "__main__":
    sys.exit(main())
