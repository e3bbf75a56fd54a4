/**
 * Proof of work: who wants a form taken at once counts for it (A. Back, Hashcash, 2002). It is off unless the
 * operator wants it, and nobody needs scripts for it: who has none waits instead. So may a machine, with as
 * many forms as it likes: it is a hurdle for the simple ones, and the limits are what holds.
 */
import { createHash } from "node:crypto";

/** How long a form without proof must have been open, where one is asked for. */
export const UNPROVEN_SECONDS = 30;

/**
 * Whether SHA-256 of "SEAL:WORK" begins with as many zero bits as are asked for, 32 at most. `seal` is the
 * form's own, so that nobody counts ahead; `work` is what the visitor sends, whatever that may be.
 */
export function isProven(seal: string, work: string, bits: number): boolean {
  if (!/^\d{1,15}$/.test(work)) return false;
  const digest = createHash("sha256").update(`${seal}:${work}`).digest();
  return Math.clz32(digest.readUInt32BE(0)) >= bits;
}
