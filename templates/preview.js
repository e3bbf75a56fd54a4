// The preview's only script: shows the page's letter anew when what it shows has changed. The rest of the
// page stays, which takes a third of the time and keeps the place where somebody reads.
const known = document.querySelector("#stamp");

/** Takes over what differs from the page as it is now; what is half a page or none is asked for again. */
async function follow() {
  // The letter is on its way beside the page around it.
  for (const frame of document.querySelectorAll("#letter iframe")) {
    frame.setAttribute("src", frame.getAttribute("src"));
  }
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const stamp = page.querySelector("#stamp");
  if (!answer.ok || !stamp) return location.reload();
  takeLetter(document.querySelector("#letter"), page.querySelector("#letter"));
  const opened = document.querySelector(".shelf details").open;
  document.querySelector(".shelf").replaceWith(page.querySelector(".shelf"));
  document.querySelector(".shelf details").open = opened;
  known.value = stamp.value;
}

/** Frames that are the same stay: a browser starts a process for each new one that may run nothing. */
function takeLetter(old, letter) {
  const frames = old.querySelector(".screens");
  const same = letter.querySelector(".screens");
  if (!frames || frames.outerHTML !== same?.outerHTML) return old.replaceWith(letter);
  while (frames.previousSibling) frames.previousSibling.remove();
  while (frames.nextSibling) frames.nextSibling.remove();
  const nodes = [...letter.childNodes];
  frames.before(...nodes.slice(0, nodes.indexOf(same)));
  frames.after(...nodes.slice(nodes.indexOf(same) + 1));
}

if (known) {
  let following = Promise.resolve();
  new EventSource("/changes").addEventListener("stamp", ({ data }) => {
    following = following
      .then(() => (data === known.value ? undefined : follow()))
      .catch(() => location.reload());
  });
}
