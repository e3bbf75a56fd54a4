// Runs before `npm start` and `npm test`: installs what is missing, so that each works on a fresh
// clone as the first command ever typed. Read by old versions of Node too.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = `${root}node_modules/.package-lock.json`;
const wanted = `${root}package-lock.json`;

if (!isInstalled()) {
  console.error(
    "Installing what package-lock.json names; this happens once and takes half a minute.",
  );
  const npm = process.env.npm_execpath;
  const [command, ...prefix] = npm ? [process.execPath, npm] : ["npm"];
  const { status } = spawnSync(
    command,
    [...prefix, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  if (status !== 0) {
    console.error("error The packages could not be installed.\n      Run `npm ci` to see why.");
    process.exit(status ?? 1);
  }
}

/** Dates tell nothing: a clone's lock file is newer than packages that are shared with another one. */
function isInstalled() {
  if (!existsSync(installed)) return false;
  const [have, want] = [installed, wanted].map((file) => JSON.parse(readFileSync(file)).packages);
  return Object.entries(want).every(
    ([path, { version, optional }]) =>
      path === "" || (have[path] ? have[path].version === version : optional),
  );
}

const [major, minor] = process.versions.node.split(".").map(Number);
const newEnough = major > 24 || (major === 24 && minor >= 15);
if (!newEnough && !existsSync(`${root}node_modules/.bin/node`)) {
  console.error(
    `error Paper Round needs Node 24.15 or newer; this is ${process.versions.node}.\n` +
      "      On Linux `npm ci` brings one along, unless optional packages are left out; elsewhere install Node 24.",
  );
  process.exit(1);
}
