// Makes npm's packages: node pack.mjs --binary FILE --target TRIPLE --version VERSION --out FOLDER
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const options = Object.fromEntries(["binary", "target", "version", "out"].map((name) => [name, { type: "string" }]));
const { binary, target, version, out } = parseArgs({ options }).values;

// What Node calls the machines that releases are made for. A command linked with musl runs on any Linux.
const MACHINES = {
  "x86_64-unknown-linux-musl": { os: "linux", cpu: "x64" },
  "x86_64-unknown-linux-gnu": { os: "linux", cpu: "x64", libc: "glibc" },
  "aarch64-unknown-linux-musl": { os: "linux", cpu: "arm64" },
  "aarch64-unknown-linux-gnu": { os: "linux", cpu: "arm64", libc: "glibc" },
  "aarch64-apple-darwin": { os: "darwin", cpu: "arm64" },
  "x86_64-apple-darwin": { os: "darwin", cpu: "x64" },
  "x86_64-pc-windows-msvc": { os: "win32", cpu: "x64" },
};
const machine = MACHINES[target];
if (!machine) throw new Error(`no package is made for ${target}; there are ${Object.keys(MACHINES).join(", ")}`);

const wrapper = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const packageOf = ({ os, cpu }) => `${wrapper.name}-${os}-${cpu}`;
const platforms = [...new Set(Object.values(MACHINES).map(packageOf))].sort();
const program = machine.os === "win32" ? "lookalike.exe" : "lookalike";

const work = mkdtempSync(join(tmpdir(), "lookalike-npm-"));
try {
  pack("wrapper", { ...wrapper, version, optionalDependencies: Object.fromEntries(platforms.map((name) => [name, version])) }, (folder) => {
    copyFileSync(join(here, "lookalike.js"), join(folder, "lookalike.js"));
    chmodSync(join(folder, "lookalike.js"), 0o755);
  });
  const { description, license } = wrapper;
  const fits = { os: [machine.os], cpu: [machine.cpu], ...(machine.libc && { libc: [machine.libc] }) };
  // `preferUnplugged`: yarn keeps packages as archives otherwise, and nothing in one can be started.
  const platform = { name: packageOf(machine), version, description, license, ...fits, files: ["bin", "LICENSE-*"], preferUnplugged: true };
  pack("platform", platform, (folder) => {
    mkdirSync(join(folder, "bin"));
    copyFileSync(binary, join(folder, "bin", program));
    chmodSync(join(folder, "bin", program), 0o755);
  });
} finally {
  rmSync(work, { recursive: true });
}

function pack(name, manifest, fill) {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(join(root, licence), join(folder, licence));
  copyFileSync(join(here, "README.md"), join(folder, "README.md"));
  fill(folder);
  mkdirSync(out, { recursive: true });
  const shell = process.platform === "win32"; // npm is a script there
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", resolve(out)], { cwd: folder, shell, stdio: ["ignore", "inherit", "inherit"] });
}
