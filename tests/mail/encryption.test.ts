/**
 * Encryption: what a server on another machine has to offer, and who it has to be. 0.0.0.0 leads to
 * this machine and is none of its loopback addresses, so the full rules hold for it.
 */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { beforeAll, expect, test } from "vitest";
import { openSession } from "../../src/mail/session.ts";
import { carry, letterTo, singleLetters } from "./carry.ts";
import { ELSEWHERE, HERE } from "./certificates.ts";
import { startFaultServer, type FaultServer, type Habits } from "./fault-server.ts";

const AWAY = "0.0.0.0";
const READER = letterTo("reader@example.org");

async function sendBothWays(server: FaultServer) {
  const [carried] = await carry(server.url, [READER]);
  const envelope = { from: "letters@example.org", to: [READER.to] };
  const single = await singleLetters(server.url).send({ envelope, content: READER.content });
  return [carried, single];
}

/** Returns what a server that can't be trusted is told of; it gets nothing. */
async function mistrustOf(habits: Habits): Promise<string[]> {
  const server = await startFaultServer(habits, AWAY);
  const outcomes = await sendBothWays(server);
  expect(server.accepted).toEqual([]);
  return outcomes.map((outcome) => {
    expect(outcome).toMatchObject({ state: "untried", lasting: true });
    const fault = outcome && "fault" in outcome ? outcome.fault : undefined;
    expect(fault?.code).toBe("SMTP_NOT_ENCRYPTED");
    expect(fault?.remedy).toContain("smtp.allowPlaintext");
    return fault?.message.replace(server.url.host, "It") ?? "";
  });
}

/** Both ways are told the same. */
function twice(why: string) {
  const told = expect.stringContaining(`It offers no encryption that we can trust: ${why}`);
  return [told, told];
}

beforeAll(() => {
  // For these tests alone: a worker of its own runs each file.
  setDefaultCACertificates([...getCACertificates("default"), HERE.cert]);
});

test.each(["offered", "at once"] as const)(
  "a server with a certificate of its name gets the letter, encryption %s",
  async (tls) => {
    const server = await startFaultServer({ tls, certificate: HERE }, AWAY);
    for (const outcome of await sendBothWays(server)) expect(outcome?.state).toBe("accepted");
  },
);

test.each(["offered", "at once"] as const)(
  "a certificate that nobody vouches for is refused, encryption %s",
  async (tls) => {
    const told = await mistrustOf({ tls, certificate: ELSEWHERE });
    expect(told).toEqual(twice("self-signed certificate"));
  },
);

test.each(["offered", "at once"] as const)(
  "a certificate for another name is refused, encryption %s",
  async (tls) => {
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, ELSEWHERE.cert]);
    try {
      const why = "Hostname/IP does not match certificate's altnames";
      expect(await mistrustOf({ tls, certificate: ELSEWHERE })).toEqual(twice(why));
    } finally {
      setDefaultCACertificates(before);
    }
  },
);

test("on this machine any certificate will do", async () => {
  for (const tls of ["offered", "at once"] as const) {
    const server = await startFaultServer({ tls, certificate: ELSEWHERE });
    for (const outcome of await sendBothWays(server)) expect(outcome?.state).toBe("accepted");
  }
});

test("without encryption nothing is given to another machine", async () => {
  expect(await mistrustOf({})).toEqual(twice("502 5.5.1"));
});

test("unless the operator permits it", async () => {
  const server = await startFaultServer({}, AWAY);
  const [outcome] = await carry(server.url, [READER], { allowPlaintext: true });
  expect(outcome?.state).toBe("accepted");
});

test("a handshake that goes wrong is told in plain words", async () => {
  expect(await mistrustOf({ tls: "broken" })).toEqual(twice("wrong version number."));
});

test("a handshake that is cut off gives nothing away", async () => {
  const server = await startFaultServer({ tls: "dropped" }, AWAY);
  for (const outcome of await sendBothWays(server)) expect(outcome?.state).toBe("untried");
  expect(server.accepted).toEqual([]);
});

test("a letter that left over TLS counts as having left, however soon its answer comes", async () => {
  // Its end was once noticed behind the answer, which then seemed to come too early to be believed.
  const { url } = await startFaultServer({ tls: "at once", certificate: ELSEWHERE });
  const options = { url, connections: 1, lettersInFlight: 1, allowPlaintext: false };
  const session = await openSession(options, new AbortController().signal);
  await new Promise((resolve) => setImmediate(resolve));
  session.write(Buffer.alloc(4000, "NOOP\r\n"));
  expect(await session.isFlushed()).toBe(true);
  session.drop();
});
