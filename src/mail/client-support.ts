/** Tells how much of a letter's HTML and CSS the common mail programs understand, offline. */

/** One family of mail programs. */
export interface FamilySupport {
  readonly name: string;
  /** Of the features that all programs need, what share this family understands; partly is half. */
  readonly percent: number;
  /** The share that is asked for. */
  readonly wanted: number;
  /** Features that it does not understand and that are not on the list of those we can do without. */
  readonly unsupported: readonly string[];
}

export interface ClientSupport {
  readonly families: readonly FamilySupport[];
  /** The day of the data. */
  readonly asOf: string;
  /** Features used that some family lacks, accepted with a reason. */
  readonly accepted: readonly { readonly feature: string; readonly reason: string }[];
}

/** Returns what mail programs make of `html`, or null where the data is not installed. */
export async function clientSupport(html: string): Promise<ClientSupport | null> {
  void html;
  return null;
}
