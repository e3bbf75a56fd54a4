/** Runs the command line as `paperround` does, and tells its parent at the end what it took. */
import { main } from "../../src/cli.ts";

process.exitCode = await main(process.argv.slice(2));
const { user, system } = process.cpuUsage();
const { maxRSS } = process.resourceUsage();
process.send?.({ cpuSeconds: (user + system) / 1e6, peakRssMb: maxRSS / 1024 }, () =>
  process.disconnect(),
);
