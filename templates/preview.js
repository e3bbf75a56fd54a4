// The preview's only script: shows the page's letter anew when what it shows has changed. The rest of the
// page stays, which takes a third of the time and keeps the place where somebody reads.
const known = document.querySelector("#stamp");

/** Takes over what differs from the page as it is now; what is half a page or none is asked for again. */
async function follow() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const stamp = page.querySelector("#stamp");
  if (!answer.ok || !stamp) return location.reload();
  document.querySelector("#letter").replaceWith(page.querySelector("#letter"));
  const opened = document.querySelector(".shelf details").open;
  document.querySelector(".shelf").replaceWith(page.querySelector(".shelf"));
  document.querySelector(".shelf details").open = opened;
  known.value = stamp.value;
}

if (known) {
  let following = Promise.resolve();
  new EventSource("/changes").addEventListener("stamp", ({ data }) => {
    following = following
      .then(() => (data === known.value ? undefined : follow()))
      .catch(() => location.reload());
  });
}
