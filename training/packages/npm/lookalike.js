#!/usr/bin/env node
// Runs the command from the package that npm has installed for this machine.
const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const { name } = require("./package.json");
const machine = `${process.platform}-${process.arch}`;
const program = process.platform === "win32" ? "lookalike.exe" : "lookalike";

let path;
try {
  path = require.resolve(`${name}-${machine}/bin/${program}`);
} catch {
  console.error(
    `lookalike: there is no package ${name}-${machine} here. Either optional packages were left out ` +
      `(install without --omit=optional), or none is made for this machine: cargo install builds the command anywhere.`,
  );
  process.exit(1);
}

// Ctrl-C reaches the command as well, which then ends in its own way.
process.on("SIGINT", () => {});
const { status, signal, error } = spawnSync(path, process.argv.slice(2), { stdio: "inherit" });
if (error) console.error(`lookalike: ${path} can't be started: ${error.message}`);
process.exit(status ?? 128 + (constants.signals[signal] ?? 0));
