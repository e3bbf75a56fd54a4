#!/usr/bin/env node
// Finds a Node that is new enough and runs the program with it. Only syntax that old versions can
// read: this file is the one that has to tell their users what to do.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

const [major, minor] = process.versions.node.split(".").map(Number);
const newEnough = major > 24 || (major === 24 && minor >= 15);
const ownNode = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));

// A heap that is collected before it grows: a send to a million readers stays under 160 MB instead
// of taking 250. Where a Node is started anyway, eight megabytes for what is short-lived keep it as
// fast as before.
const HEAP = ["--min-semi-space-size=8", "--max-semi-space-size=8"];

if (newEnough) {
  setFlagsFromString("--optimize-for-size");
  // Half of the time that a short command takes is compiling. Kept in the program's own folder, where
  // only its owner can write; where that can't be, nothing is kept.
  const { enableCompileCache } = await import("node:module");
  enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)));
  // Started by an old Node below: when that one is killed, this one stops as well, in good order.
  process.channel?.unref();
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  const { main } = await import("../src/cli.ts");
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(ownNode) && !process.env.PAPERROUND_RELAUNCHED) {
  const child = spawn(ownNode, [...HEAP, ...process.argv.slice(1)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PAPERROUND_RELAUNCHED: "1" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`error ${ownNode} can't be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code === null ? 128 + (signal === "SIGINT" ? 2 : 15) : code;
  });
} else {
  console.error(
    `error Paper Round needs Node 24.15 or newer; this is ${process.versions.node}.\n` +
      "      Run `npm ci` in its folder, which brings one along on Linux, or install Node 24.",
  );
  process.exitCode = 1;
}
