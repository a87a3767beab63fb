"""The steps of `lookalike build` as one would write them in Python, each timed; the rival of `cargo xtask bench build`.

python build.py PHOTOS EFFICIENTNET.onnx OUT     prints seconds of wall clock by step, as JSON

Needs numpy, pillow, onnxruntime, scikit-learn and openTSNE.
"""

import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CORES = len(os.sched_getaffinity(0))
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(CORES)

import numpy as np
import onnxruntime
import openTSNE
import PIL
import sklearn
from PIL import Image, ImageOps
from sklearn.cluster import DBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.neighbors import NearestNeighbors

SIDE, WIDTH, BATCH = 224, 64, 32
seconds = {}


def step(name, run):
    started = time.perf_counter()
    result = run()
    seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - started
    return result


def read(path, out):
    """Decodes once: a thumbnail with a long side of 256, and the network's input."""
    with Image.open(path) as opened:
        photo = ImageOps.exif_transpose(opened).convert("RGB")
    small = photo.copy()
    small.thumbnail((256, 256), Image.Resampling.BILINEAR)
    small.save(out / f"{abs(hash(path)):016x}.webp", quality=84, method=2)
    side = round(min(photo.size) * 0.875)
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    square = photo.resize((SIDE, SIDE), Image.Resampling.BILINEAR, (left, top, left + side, top + side))
    return (np.asarray(square, np.float32).transpose(2, 0, 1) - 127) / 128


def main(photos, weights, out):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    paths = sorted(str(p) for p in Path(photos).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = CORES
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    features = []
    with ThreadPoolExecutor(CORES) as pool:
        for first in range(0, len(paths), BATCH):
            batch = step("decode and thumbnails", lambda: np.stack(list(pool.map(lambda p: read(p, out), paths[first : first + BATCH]))))
            features.append(step("encode", lambda: session.run(None, {name: batch})[0]))
    features = np.concatenate(features).reshape(len(paths), -1)
    embedded = step("projection", lambda: PCA(WIDTH, random_state=1).fit_transform(features))
    embedded /= np.maximum(np.linalg.norm(embedded, axis=1, keepdims=True), 1e-12)

    def k_means():
        best = (-1.0, None)
        for k in range(2, 21):
            labels = KMeans(k, n_init=10, max_iter=300, tol=1e-4, random_state=1).fit_predict(embedded)
            score = silhouette_score(embedded, labels, sample_size=min(2000, len(paths)), random_state=1)
            best = max(best, (score, k))
        return best

    step("k-means, k = 2 to 20", k_means)

    def dbscan():
        distances, _ = NearestNeighbors(n_neighbors=6, n_jobs=CORES).fit(embedded).kneighbors(embedded)
        DBSCAN(eps=float(np.median(distances[:, 5])), min_samples=4, n_jobs=CORES).fit(embedded)

    step("DBSCAN", dbscan)
    step("t-SNE", lambda: openTSNE.TSNE(perplexity=30, initialization="pca", n_jobs=CORES, random_state=1).fit(embedded))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "photos": len(paths),
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "versions": {m.__name__: m.__version__ for m in (onnxruntime, PIL, sklearn, openTSNE)},
    }))


if __name__ == "__main__":
    main(*sys.argv[1:4])
