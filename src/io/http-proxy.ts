/** Which requests go by way of a proxy, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. */

export interface Proxies {
  readonly http: string | null;
  readonly https: string | null;
  /** Hosts that are asked directly: names with all below them, host:port, or "*". */
  readonly no: readonly string[];
}

/** Returns the address of the proxy for `url`, or null where there is none. */
export function proxyFor(url: URL, { http, https, no }: Proxies): string | null {
  const proxy = url.protocol === "https:" ? https : http;
  if (proxy === null) return null;
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isDirect = no.some((entry) => {
    const [, name = "", ofPort] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry.toLowerCase()) ?? [];
    if (ofPort !== undefined && ofPort !== port) return false;
    const bare = name.replace(/^\*?\./, "");
    return name === "*" || host === bare || (bare !== "" && host.endsWith(`.${bare}`));
  });
  return isDirect ? null : proxy;
}
