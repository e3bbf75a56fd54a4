/** The privacy page, from what the configuration says is done. */
import type { Hono } from "hono";
import { html } from "hono/html";
import type { JoiningDependencies } from "./door.ts";
import type { Markup, Show } from "./pages.ts";

/** Adds the privacy page. */
export function addPrivacy(app: Hono, house: JoiningDependencies, show: Show): void {
  app.get("/privacy", (context) => show(context, "Privacy", privacyPage(house)));
}

function privacyPage({ masthead, door }: JoiningDependencies): Markup {
  const { name, contact, postalAddress, thumbnails } = masthead;
  const { expiresDays, mailServer } = door;
  const days = expiresDays === 1 ? "a day" : `${expiresDays} days`;
  return html`<h1>Privacy</h1>
    <p>What ${name} keeps of you, why, and for how long. There is nothing else.</p>
    <h2>Who answers for it</h2>
    <p>
      ${name}${postalAddress && html`, ${postalAddress}`}. Write to
      <a href="mailto:${contact}">${contact}</a>.
    </p>
    <h2>When you subscribe</h2>
    <ul>
      <li>
        Your address and what you chose are kept apart until you follow the link that is mailed to
        you. If you don't, they are deleted after ${days}.
      </li>
      <li>
        With your consent we keep its words, its time, the site it was given on, and the time of
        your confirmation, because the law asks us to prove it. The letter is sent on that consent
        alone (GDPR art. 6(1)(a)), which you can take back at any time.
      </li>
      <li>
        So that you can tell whether it was you, the letter that asks says when, on which site and
        from which part of the internet: 256 addresses of IPv4, or 48 bits of IPv6, which say where
        rather than who. That is kept until you answer, or until the request is forgotten.
      </li>
      <li>
        So that nobody can have your mailbox flooded, requests are counted under codes that show no
        address: where a request came from for an hour, whom it was for, for 30 days, also if you
        erase yourself meanwhile; and which form it was for a day.
      </li>
    </ul>
    <h2>While you read</h2>
    <ul>
      <li>
        If you move to another address, we keep when that was asked for and confirmed. The address
        that you leave is told, and then forgotten; links in letters that it got can only end the
        subscription.
      </li>
      <li>
        Of every letter we keep that it was due to you, and what the mail server answered: so that
        it comes once, and so that we can look into it when it does not come. That stays for as long
        as your address does.
      </li>
      <li>
        What you follow and mute, and what you say of papers: more or less like this, saved, picked,
        or read from a library of yours. From it words are learned that speak for a paper. All of it
        is yours alone, shown on your page, and goes when you reset or erase it. Of a letter of your
        own choice we keep which papers it held, so that none comes twice.
      </li>
      <li>
        No letter tells us that you opened it, and links lead straight to their targets.
        ${
          thumbnails
            ? "Pictures of papers are loaded from the sites that have them, which then learn your network address. Mail programs can switch that off."
            : "A letter loads nothing from anywhere when it is opened."
        }
      </li>
      <li>
        ${
          door.proofOfWork > 0
            ? "These pages set no cookie and load nothing from elsewhere. Their one script counts, which is a hurdle for machines that fill in forms; without it you wait a little."
            : "These pages set no cookie, run no script, and load nothing from elsewhere."
        }
      </li>
    </ul>
    <h2>Who else sees it</h2>
    <p>
      ${
        mailServer === null
          ? "Nobody."
          : html`The mail server <strong>${mailServer}</strong>, which carries the letters, and the
              servers on the way to yours. Nobody else.`
      }
    </p>
    <h2>When you leave</h2>
    <p>
      Nothing is sent any more from that moment. The address stays, marked as unsubscribed, so that
      no import brings it back, and with it the proof of what you had agreed to, and the reason for
      leaving, if you choose to tell one. It stays until you erase it, by the link in any letter
      that you still have. Then all of that goes, and a code stays that shows no address and keeps
      it off the list. Letters that went to you are still counted, but nothing says that they were
      yours. You may come back at any time, by the form and the link that is mailed to you.
    </p>
    <h2>Your rights</h2>
    <p>
      The link at the foot of every letter leads to a page where you can see, change, download and
      erase what we keep, and leave. <a href="/link">Have the link mailed again</a>. You may also
      complain to your data protection authority.
    </p>`;
}
