/**
 * Which domains have their mailboxes with one provider, and so share its limits, its patience and a
 * hold. A provider goes by the first of its domains.
 */

/** What the operator asks for the readers of some domains. */
export interface DomainRule {
  /** Domains that share a provider, and so the limits. */
  readonly domains: readonly string[];
  /** Letters that may be under way to them at once. */
  readonly connections?: number | undefined;
  readonly second?: number | undefined;
  readonly minute?: number | undefined;
}

export interface Providers {
  /** Returns the name of the provider that has an address or a domain. */
  nameOf(address: string): string;
  /** Returns all domains that are known to be the provider's, its name first. */
  domainsOf(name: string): readonly string[];
  ruleOf(name: string): DomainRule | null;
}

/** Domains of one mailbox provider each, where readers of newsletters are many. */
const PROVIDERS: readonly (readonly string[])[] = [
  ["gmail.com", "googlemail.com"],
  [
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "outlook.de",
    "hotmail.co.uk",
    "hotmail.fr",
  ],
  ["yahoo.com", "ymail.com", "rocketmail.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "aol.com"],
  ["icloud.com", "me.com", "mac.com"],
  ["gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de", "mail.com"],
  ["proton.me", "protonmail.com", "pm.me"],
  ["qq.com", "foxmail.com"],
  ["163.com", "126.com", "yeah.net"],
];

/** Returns the providers that are known, as `rules` have them first. */
export function openProviders(rules: readonly DomainRule[]): Providers {
  const names = new Map<string, string>();
  const domains = new Map<string, readonly string[]>();
  const ruled = new Map<string, DomainRule>();

  /** Whoever names a domain first has it; the others keep what is left. */
  function take(group: readonly string[], rule: DomainRule | null): void {
    const free = group.filter((domain) => !names.has(domain));
    const [name] = free;
    if (name === undefined) return;
    for (const domain of free) names.set(domain, name);
    domains.set(name, free);
    if (rule) ruled.set(name, rule);
  }

  for (const rule of rules) take(rule.domains, rule);
  for (const group of PROVIDERS) take(group, null);

  return {
    nameOf: (address) => {
      const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
      return names.get(domain) ?? domain;
    },
    domainsOf: (name) => domains.get(name) ?? [name],
    ruleOf: (name) => ruled.get(name) ?? null,
  };
}
