/** The part of the configuration that says how readers subscribe. */
import { z } from "zod";

/** A domain, as it is compared. */
export const domain = z
  .string()
  .regex(/^[a-z0-9.-]+\.[a-z0-9-]+$/, "is not a domain in lower case");

/** Mailboxes that a machine or several people read, who can't all have asked for the letter. */
const ROLES = [
  "abuse",
  "hostmaster",
  "mailer-daemon",
  "no-reply",
  "noreply",
  "postmaster",
  "root",
  "security",
  "spam",
  "webmaster",
];

/** What `joining` in paperround.yaml may hold. */
export const joiningSchema = z
  .strictObject({
    open: z
      .boolean()
      .default(true)
      .describe("Whether readers may subscribe on the pages. Leaving is always possible."),
    firstEdition: z
      .boolean()
      .default(true)
      .describe(
        "Send the latest edition to a new reader at once, rather than a welcome, where it is still news.",
      ),
    expiresDays: z
      .int()
      .min(1)
      .max(30)
      .default(7)
      .describe("How many days a sign-up waits to be confirmed; then it is forgotten."),
    remindHours: z
      .int()
      .min(0)
      .max(720)
      .default(48)
      .describe("When whoever has not answered is reminded, once; 0: never."),
    minimumSeconds: z
      .int()
      .min(0)
      .max(60)
      .default(2)
      .describe("A form that comes back sooner was not filled in by a person."),
    proofOfWork: z
      .int()
      .min(0)
      .max(22)
      .default(0)
      .describe(
        "How many zero bits a form's proof of work begins with; 0: none is asked for. 16 costs a browser a second or two, and each further bit doubles that. It brings a small script to the forms; who has scripts off waits 30 seconds instead. A hurdle for simple machines; what holds all others off is `limits`.",
      ),
    refuseDomains: z
      .array(domain)
      .max(100_000)
      .default([])
      .describe(
        "Domains whose addresses are not taken, with all below them: those of throw-away mailboxes.",
      ),
    refuseDomainsFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        "A file with more of them, relative to the home: one a line, as lists of throw-away mailboxes have them; what follows a # is a remark. It is read when the program starts.",
      ),
    refuseRoles: z
      .array(z.string().regex(/^[a-z0-9.+_-]{1,64}$/, "is not a local part in lower case"))
      .max(1000)
      .default(ROLES)
      .describe("What stands before the @ of addresses that are not taken."),
    limits: z
      .strictObject({
        networkHour: z
          .int()
          .min(1)
          .default(20)
          .describe("Requests of one IPv4 address, or one /64 of IPv6, in an hour."),
        neighbourhoodHour: z
          .int()
          .min(1)
          .default(100)
          .describe("Requests of one /48 of IPv6, in an hour."),
        domainHour: z
          .int()
          .min(1)
          .default(200)
          .describe("Confirmations to the addresses of one domain in an hour."),
        day: z.int().min(1).default(2000).describe("Confirmations to anybody in 24 hours."),
      })
      .prefault({})
      .describe(
        "How much may be asked for. An address gets one confirmation in 24 hours and three in 30 days, whatever is set here.",
      ),
  })
  .prefault({})
  .describe("How readers subscribe on the web pages.");
