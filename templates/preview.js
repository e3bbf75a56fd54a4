// The preview's only script: loads the page again when what it shows has changed.
const { stamp } = document.documentElement.dataset;
new EventSource("/changes").addEventListener("stamp", ({ data }) => {
  if (data !== stamp) location.reload();
});
