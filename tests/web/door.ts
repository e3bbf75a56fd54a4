/** The pages as a visitor meets them, with a clock to be set and a mail server that keeps what it gets. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { App } from "../../src/assemble.ts";
import type { Config } from "../../src/config.ts";
import { startLocalInbox, type LocalInbox } from "../../src/mail/local-inbox.ts";
import { sealForm } from "../../src/web/visitor.ts";
import { openSite } from "../../src/web/site.ts";
import { emptyHome, openApp, ROOT } from "../home.ts";

export const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface DoorWorld {
  readonly app: App;
  readonly home: string;
  readonly inbox: LocalInbox;
  /** Moves the clock. */
  later(ms: number): void;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Posts a form, from an address of the internet. */
  post(path: string, fields?: Record<string, string> | string, from?: string): Promise<Response>;
  postJson(path: string, body: unknown, from?: string): Promise<Response>;
  /** Returns the seal of a form that was opened a minute ago. */
  seal(): string;
  /** Subscribes by the form. */
  subscribe(email: string, fields?: Record<string, string>, from?: string): Promise<Response>;
  /** Sends what is owed at the door; returns the addresses and subjects of new letters. */
  attend(): Promise<{ to: string; subject: string; text: string }[]>;
  /** Returns the path of the first link to a page of that name in the latest letter to `to`. */
  linkIn(to: string, page: string): string;
}

/** Returns the pages over a home that is empty unless it is named. A fault behind a page fails the test, unless it is expected. */
export async function openDoor(
  joining: Partial<Config["joining"]> = {},
  changes: Partial<Config> = {},
  report: (fault: Error) => void = (fault) => {
    throw fault;
  },
  home = emptyHome(),
): Promise<DoorWorld> {
  const clock = { now: Date.parse("2026-04-15T08:00:00Z") };
  const now = () => new Date(clock.now);
  const inbox = await startLocalInbox(now);
  onTestFinished(() => inbox.close());
  const smtpUrl = new URL(`smtp://127.0.0.1:${inbox.port}`);
  const { joining: defaults } = await defaultsOf(home);
  const app = await openApp(
    { smtpUrl, joining: { ...defaults, ...joining }, ...changes },
    { home, now },
  );
  const site = openSite({ ...app, report });
  const request = (path: string, init: RequestInit, from: string) =>
    Promise.resolve(site.request(path, init, { incoming: { socket: { remoteAddress: from } } }));
  let seen = 0;

  const world: DoorWorld = {
    app,
    home,
    inbox,
    later: (ms) => {
      clock.now += ms;
    },
    get: (path, headers = {}) => request(path, { headers }, "192.0.2.1"),
    post: (path, fields = {}, from = "192.0.2.1") => {
      const body = typeof fields === "string" ? fields : new URLSearchParams(fields).toString();
      return request(path, { method: "POST", body, headers: FORM }, from);
    },
    postJson: (path, body, from = "192.0.2.1") =>
      request(
        path,
        {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "Content-Type": "application/json" },
        },
        from,
      ),
    seal: () => sealForm(app.links, new Date(clock.now - 60_000)),
    subscribe: (email, fields = {}, from = "192.0.2.1") =>
      world.post("/subscribe", { email, form: world.seal(), remark: "", ...fields }, from),
    attend: async () => {
      await app.tidyDoor();
      const { fault } = await app.answering.attend(new AbortController().signal);
      if (fault) throw fault;
      const fresh = inbox.letters().slice(0, inbox.letters().length - seen);
      seen = inbox.letters().length;
      return fresh.map(({ to, subject, text }) => ({ to, subject, text })).toReversed();
    },
    linkIn: (to, page) => {
      const letter = inbox.letters().find((each) => each.to === to);
      const link = new RegExp(`http\\S*(/${page}/[\\w-]+)`).exec(letter?.text ?? "");
      if (!link?.[1]) throw new Error(`No link to ${page} for ${to}.`);
      return link[1];
    },
  };
  return world;
}

/** Gathers the sample corpus and publishes its newer day. */
export async function publishSample({ newsletter, files }: App): Promise<void> {
  await newsletter.gather([files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  await newsletter.publish("daily", "2026-04-15");
}

async function defaultsOf(home: string): Promise<Config> {
  const { readConfig } = await import("../../src/config.ts");
  return readConfig(home, { PAPERROUND_CONFIG: "" });
}
