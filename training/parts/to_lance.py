"""Parts of embeddings as a table of Lance, a vector database that is a folder; then what looks like one of them.

    python to_lance.py parts photos.lance
    python to_lance.py parts photos.lance --like birds/robin.jpg -k 6

With some 100,000 photos and more, an index is worth its while:
    lance.dataset("photos.lance").create_index("embedding", "IVF_PQ", metric="cosine")
"""

import argparse
import sys

import lance
import pyarrow as pa
import pyarrow.dataset

COLUMNS = ["path", "hash", "embedding", "width", "height", "tags"]


def load(parts, database):
    """Writes the table; `features`, which only `lookalike build` needs, stay behind."""
    table = pyarrow.dataset.dataset(parts, format="parquet").to_table(columns=COLUMNS)
    embeddings = table["embedding"]
    if embeddings.null_count:
        sys.exit("these parts have no embeddings: lite0 has no projection of its own; embed with another model")
    # Lance searches vectors of one length, and the file says lists.
    vectors = embeddings.cast(pa.list_(pa.float32(), len(embeddings[0])))
    table = table.set_column(COLUMNS.index("embedding"), "embedding", vectors)
    return lance.write_dataset(table.replace_schema_metadata(None), database, mode="overwrite")


def like(dataset, path, k):
    """The photos nearest to one of the table, itself among them."""
    quoted = path.replace("'", "''")
    found = dataset.to_table(columns=["embedding"], filter=f"path = '{quoted}'")["embedding"]
    if not len(found):
        sys.exit(f"{path} is not in the table")
    nearest = {"column": "embedding", "q": found[0].values, "k": k, "metric": "cosine"}
    return dataset.to_table(columns=["path", "_distance"], nearest=nearest).to_pylist()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts")
    parser.add_argument("database")
    parser.add_argument("--like", metavar="PATH", help="a photo, by its path below the folder of photos")
    parser.add_argument("-k", type=int, default=6)
    options = parser.parse_args()
    dataset = load(options.parts, options.database)
    if options.like is None:
        print(f"{dataset.count_rows()} photos in {options.database}")
    else:
        for row in like(dataset, options.like, options.k):
            print(f"{1 - row['_distance']:.4f} {row['path']}")


if __name__ == "__main__":
    main()
