/** Folders that may be read and not written, also where the tests run as root. */
import { chmodSync, chownSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A user to whom file modes mean something, to run programs as; undefined: whoever runs the tests is one. */
export const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;

/** Takes the right to write to a folder and all in it from that user, until the test ends. */
export function seal(folder: string): void {
  const below = readdirSync(folder, { recursive: true }).map((path) => join(folder, String(path)));
  const isFolder = (path: string) => lstatSync(path).isDirectory();
  for (const path of [folder, ...below]) {
    if (NOBODY !== undefined) chownSync(path, NOBODY, NOBODY);
    chmodSync(path, isFolder(path) ? 0o500 : 0o400);
  }
  onTestFinished(() => {
    for (const path of [folder, ...below].filter(isFolder)) chmodSync(path, 0o700);
  });
}
