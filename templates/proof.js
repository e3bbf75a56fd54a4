// The only script for readers, where the operator asks for proof of work: counts until the hash of the form's
// seal and the count begins with as many zero bits as the form says. Whoever is faster is sent when it is done.
const AT_ONCE = 500;
const encoder = new TextEncoder();

async function zeroBits(text) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return Math.clz32(new DataView(digest).getUint32(0));
}

/** Returns the first count that will do. */
async function count(seal, bits) {
  for (let from = 0; ; from += AT_ONCE) {
    const counts = Array.from({ length: AT_ONCE }, (_, index) => from + index);
    const found = await Promise.all(counts.map((each) => zeroBits(`${seal}:${each}`)));
    const index = found.findIndex((zeros) => zeros >= bits);
    if (index >= 0) return counts[index];
  }
}

for (const field of document.querySelectorAll("input[name=work]")) {
  const { form } = field;
  // Only pages of https, or of this machine, can hash; others wait as if they had no script.
  if (!crypto.subtle) break;
  const work = count(form.elements.form.value, Number(field.dataset.bits)).then((found) => {
    field.value = String(found);
  });
  form.addEventListener("submit", (event) => {
    if (field.value !== "") return;
    event.preventDefault();
    work.then(() => form.requestSubmit(event.submitter));
  });
}
