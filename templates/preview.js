// The preview's only script: loads the page again when what it shows has changed.
const known = document.querySelector("#stamp")?.value;
if (known) {
  new EventSource("/changes").addEventListener("stamp", ({ data }) => {
    if (data !== known) location.reload();
  });
}
