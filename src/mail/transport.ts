/**
 * The way out: what takes finished messages. A lane is one connection's worth of work; it sends one
 * message at a time and opens its connection anew whenever it has to.
 */
import type { Message } from "./message.ts";
import type { Outcome } from "./outcome.ts";

export interface Transport {
  /** How many lanes may work side by side. */
  readonly lanes: number;
  openLane(): Lane;
}

export interface Lane {
  /**
   * Hands over one message. `beforeBody` is awaited after the server has asked for the body and
   * before its first byte leaves; when it throws, no byte leaves and the error is passed on.
   */
  send(message: Message, beforeBody: () => Promise<void>): Promise<Outcome>;
  close(): void;
}
