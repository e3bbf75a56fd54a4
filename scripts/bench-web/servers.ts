/** The two servers: the program itself, and nginx over the same pages as files. Both on loopback. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export interface Served {
  readonly url: string;
  /** The one process that answers. */
  readonly pid: number;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL("../../bin/paperround.js", import.meta.url));
/** Debian keeps nginx with the programs of the administrator. */
const PATH = `${process.env["PATH"]}:/usr/sbin`;
const PATIENCE_MS = 20_000;

/** Starts `paperround serve`. */
export async function startOurs(home: string): Promise<Served> {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--port", "0"], {
    cwd: home,
    env: { PATH },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
      const [, found] = /"url":"([^"]+)"/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`serve ended: ${said}`)));
  });
  return served(url, child);
}

/** Saves the pages of `url` below `folder` and starts nginx over them, with one worker. */
export async function startNginx(
  folder: string,
  url: string,
  paths: readonly string[],
): Promise<Served> {
  for (const path of paths) {
    const page = Buffer.from(await (await fetch(url + path)).arrayBuffer());
    const file = join(folder, "pages", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, page);
    writeFileSync(`${file}.gz`, gzipSync(page, { level: 9 }));
  }
  const port = await freePort();
  const configuration = join(folder, "nginx.conf");
  writeFileSync(configuration, nginxConfiguration(folder, port));
  const child = spawn("nginx", ["-p", folder, "-c", configuration, "-e", "error.log"], {
    env: { PATH },
    stdio: "ignore",
  });
  const gone = new Promise<never>((_, reject) => {
    child.once("error", () => reject(new Error("nginx is not installed (Debian: nginx-light).")));
    child.once("exit", () => reject(new Error(`nginx ended; see ${join(folder, "error.log")}.`)));
  });
  const nginx = `http://127.0.0.1:${port}`;
  await Promise.race([answers(nginx + (paths[0] ?? "/")), gone]);
  gone.catch(() => {});
  return served(nginx, child);
}

function nginxConfiguration(folder: string, port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `  ${name}_temp_path ${join(folder, name)};`,
  );
  return `worker_processes 1;
daemon off;
master_process off;
pid ${join(folder, "pid")};
events { worker_connections 1024; }
http {
${temporary.join("\n")}
  access_log off;
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  keepalive_requests 100000000;
  open_file_cache max=5000 inactive=10m;
  default_type "text/html; charset=utf-8";
  server {
    listen 127.0.0.1:${port};
    root ${join(folder, "pages")};
  }
}
`;
}

function served(url: string, child: ChildProcess): Served {
  return {
    url,
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answers(url: string): Promise<void> {
  for (const start = performance.now(); performance.now() - start < PATIENCE_MS;) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`${url} does not answer.`);
}
