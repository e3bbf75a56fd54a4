/** Programs to compare with that are not of this language, where they are installed. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CONNECTIONS } from "./home.ts";
import type { Measured } from "./sender.ts";

const run = promisify(execFile);
/** Debian keeps smtp-source with the programs of the administrator. */
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` };

/** Sends as postfix's test client does; null when it is not installed. */
export async function smtpSource(
  port: number,
  letters: number,
  bytes: number,
): Promise<Measured | null> {
  const count = ["-d", "-s", CONNECTIONS, "-m", letters, "-l", bytes].map(String);
  const started = performance.now();
  // The shell knows what the programs that it ran have used.
  const { stdout } = await run(
    "sh",
    ["-c", '"$@" && times', "sh", "smtp-source", ...count, `127.0.0.1:${port}`],
    { env },
  ).catch((error: { code?: number }) => {
    if (error.code === 127) return { stdout: "" };
    throw error;
  });
  const seconds = (performance.now() - started) / 1000;
  if (stdout === "") return null;
  const used = [...(stdout.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuSeconds = used.reduce((sum, [, min, sec]) => sum + Number(min) * 60 + Number(sec), 0);
  return { letters, seconds, cpuSeconds, peakRssMb: Number.NaN };
}

/**
 * Returns the signatures a second that openssl makes on so many cores together; null when it is not
 * installed.
 */
export async function opensslSignatures(seconds: number, cores: number): Promise<number | null> {
  const multi = cores > 1 ? ["-multi", String(cores)] : [];
  const args = ["speed", "-seconds", String(seconds), ...multi, "rsa2048"];
  const result = await run("openssl", args).catch((error: { code?: string }) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (result === null) return null;
  const [, signatures] = /^rsa +2048 bits +[\d.]+s +[\d.]+s +([\d.]+)/m.exec(result.stdout) ?? [];
  if (signatures === undefined) throw new Error("openssl speed said something else than expected.");
  return Number(signatures);
}
