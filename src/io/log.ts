/** A log of JSON lines on standard error, for programs that run unwatched. */
import { destination, pino, type Logger } from "pino";

export type Log = Pick<Logger, "info" | "warn" | "error">;

/** Returns a log whose every line carries `fields`. */
export function openLog(fields: Record<string, string>): Log {
  return pino({ base: fields, timestamp: pino.stdTimeFunctions.isoTime }, destination(2));
}
