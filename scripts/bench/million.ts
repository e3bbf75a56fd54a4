/** Long lists: what `paperround send` takes in time and memory, by the number of readers. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { confirmReaders, DAY, makeHome, removeHome, WARM_UP } from "./home.ts";
import { HEAP, type Sink } from "./processes.ts";

export interface LongSend {
  readonly readers: number;
  /** From the program's start to its end. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

const PROGRAM = fileURLToPath(new URL("program.ts", import.meta.url));

/** Has the program send to so many readers, from a home made for it by another process. */
export async function sendToMany(sink: Sink, readers: number): Promise<LongSend> {
  const home = await makeHome(readers - WARM_UP);
  confirmReaders(home, readers);
  try {
    const program = fork(PROGRAM, ["send", "--date", DAY, "--json"], {
      cwd: home,
      execArgv: [...HEAP],
      env: { ...process.env, SMTP_URL: `smtp://127.0.0.1:${sink.ports.near}` },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const started = performance.now();
    const ended = once(program, "exit");
    const [{ cpuSeconds, peakRssMb }] = await once(program, "message");
    const [code] = await ended;
    const seconds = (performance.now() - started) / 1000;
    const { letters } = await sink.taken();
    if (code !== 0 || letters !== readers) {
      throw new Error(
        `Of ${readers} letters the server has ${letters}; the program ended ${code}.`,
      );
    }
    return { readers, seconds, cpuSeconds, peakRssMb };
  } finally {
    removeHome(home);
  }
}
