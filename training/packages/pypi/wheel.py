"""Makes the wheel: python wheel.py --binary FILE --target TRIPLE --version VERSION --out FOLDER

A wheel is a zip archive, and a script in it may be any program: no Python is in this one, and none is needed to make it
but the standard library's. The same command gives the same bytes.
"""

import argparse
import base64
import hashlib
import pathlib
import zipfile

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent.parent

# What pip calls the machines that releases are made for. A command linked with musl needs nothing of the system, so it
# runs wherever either C library is; one linked with glibc is for a machine like the one that built it.
PLATFORMS = {
    "x86_64-unknown-linux-musl": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "x86_64-unknown-linux-gnu": "linux_x86_64",
    "aarch64-unknown-linux-musl": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "aarch64-unknown-linux-gnu": "linux_aarch64",
    "aarch64-apple-darwin": "macosx_11_0_arm64",
    "x86_64-apple-darwin": "macosx_10_12_x86_64",
    "x86_64-pc-windows-msvc": "win_amd64",
}

METADATA = """\
Metadata-Version: 2.1
Name: lookalike
Version: {version}
Summary: Turns a folder of photos into a static website with visual search, computed in the visitor's browser.
License: MIT OR Apache-2.0
Requires-Python: >=3.8
Description-Content-Type: text/markdown

{readme}"""

WHEEL = """\
Wheel-Version: 1.0
Generator: lookalike
Root-Is-Purelib: false
{tags}
"""


def record(name, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}"


def write(archive, name, content, mode):
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = (0o100000 | mode) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, wherever this runs: the mode counts
    archive.writestr(entry, content)


def main():
    parser = argparse.ArgumentParser(description="Makes the wheel that holds the command.")
    for option in ("binary", "target", "version", "out"):
        parser.add_argument(f"--{option}", required=True)
    options = parser.parse_args()
    if options.target not in PLATFORMS:
        parser.error(f"no wheel is made for {options.target}; there are {', '.join(PLATFORMS)}")

    platform, version = PLATFORMS[options.target], options.version
    program = "lookalike.exe" if "windows" in options.target else "lookalike"
    info = f"lookalike-{version}.dist-info"
    tags = "\n".join(f"Tag: py3-none-{part}" for part in platform.split("."))
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    files = {
        f"lookalike-{version}.data/scripts/{program}": (pathlib.Path(options.binary).read_bytes(), 0o755),
        f"{info}/METADATA": (METADATA.format(version=version, readme=readme).encode(), 0o644),
        f"{info}/WHEEL": (WHEEL.format(tags=tags).encode(), 0o644),
    }
    for licence in ("LICENSE-APACHE", "LICENSE-MIT"):
        files[f"{info}/licenses/{licence}"] = ((ROOT / licence).read_bytes(), 0o644)
    records = [record(name, content) for name, (content, _) in files.items()]
    files[f"{info}/RECORD"] = ("\n".join([*records, f"{info}/RECORD,,", ""]).encode(), 0o644)

    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out / f"lookalike-{version}-py3-none-{platform}.whl", "w") as archive:
        for name, (content, mode) in files.items():
            write(archive, name, content, mode)


if __name__ == "__main__":
    main()
