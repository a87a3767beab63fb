"""The same vectors in faiss and usearch, on one thread; the native rivals of `cargo xtask bench search`.

python search.py FOLDER K     reads vectors.f32 and queries.f32 in FOLDER; prints JSON: for each index the seconds that it
                              took to make, its bytes, the milliseconds of each query and what was found

Needs numpy, faiss-cpu and usearch (measured with 2.4, 1.15 and 2.26).
"""

import json
import math
import os
import sys
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import faiss
import numpy as np
import usearch
from usearch.index import Index

WIDTH, M, EF_CONSTRUCTION, EFS, PROBES = 64, 16, 200, (50, 200), (8, 32)
WARMING = 20


def read(path):
    return np.fromfile(path, np.float32).reshape(-1, WIDTH)


def ask(queries, search):
    """One query at a time, as a visitor asks."""
    for query in queries[:WARMING]:
        search(query)
    times, found = [], []
    for query in queries:
        started = time.perf_counter()
        ids = search(query)
        times.append((time.perf_counter() - started) * 1e3)
        found.append([int(i) for i in ids if i >= 0])
    return {"times": times, "found": found}


def timed(run):
    started = time.perf_counter()
    result = run()
    return time.perf_counter() - started, result


def of_faiss(name, index, vectors, queries, k, settings):
    def make():
        if not index.is_trained:
            index.train(vectors)
        index.add(vectors)

    made, _ = timed(make)
    size = faiss.serialize_index(index).nbytes
    for label, set_to in settings:
        set_to(index)
        answers = ask(queries, lambda query: index.search(query[None], k)[1][0])
        yield {"index": f"faiss {name}{label}", "made": made, "bytes": size, **answers}


def indexes(vectors, queries, k):
    lists = 2 ** round(math.log2(4 * math.sqrt(len(vectors))))
    nothing = [("", lambda index: None)]
    probes = [(f", {n} probed", lambda index, n=n: setattr(index, "nprobe", n)) for n in PROBES]
    efs = [(f", ef {ef}", lambda index, ef=ef: setattr(index.hnsw, "efSearch", ef)) for ef in EFS]
    yield from of_faiss("flat", faiss.IndexFlatL2(WIDTH), vectors, queries, k, nothing)
    quantiser = faiss.IndexFlatL2(WIDTH)
    yield from of_faiss(f"IVF, {lists} lists", faiss.IndexIVFFlat(quantiser, WIDTH, lists), vectors, queries, k, probes)
    graph = faiss.IndexHNSWFlat(WIDTH, M)
    graph.hnsw.efConstruction = EF_CONSTRUCTION
    yield from of_faiss("HNSW", graph, vectors, queries, k, efs)
    index = Index(ndim=WIDTH, metric="l2sq", dtype="f32", connectivity=M, expansion_add=EF_CONSTRUCTION)
    made, _ = timed(lambda: index.add(np.arange(len(vectors)), vectors, threads=1))
    for ef in EFS:
        index.expansion_search = ef
        answers = ask(queries, lambda query: index.search(query, k, threads=1).keys)
        yield {"index": f"usearch, ef {ef}", "made": made, "bytes": index.serialized_length, **answers}


def main(folder, k):
    faiss.omp_set_num_threads(1)
    vectors, queries = (read(Path(folder) / name) for name in ("vectors.f32", "queries.f32"))
    print(json.dumps({
        "versions": f"faiss {faiss.__version__} and usearch {usearch.__version__}",
        "indexes": list(indexes(vectors, queries, k)),
    }))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
