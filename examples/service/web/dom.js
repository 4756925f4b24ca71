/** Small things about elements. */

/** @param {string} id @returns {any} the page's element */
export const byId = (id) => document.getElementById(id);

/** A copy of a template's first element, and its parts by their data-part. @returns {{element: any, parts: Record<string, any>}} */
export function fromTemplate(id) {
  const element = byId(id).content.firstElementChild.cloneNode(true);
  const parts = Object.fromEntries([...element.querySelectorAll('[data-part]')].map((part) => [part.dataset.part, part]));
  return { element, parts };
}

/** Touches the document only where something is another: live regions speak of every change. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} element @param {string} text '' hides it */
export function show(element, text) {
  setText(element, text);
  element.hidden = !text;
}

/** @param {HTMLElement} button @param {string} icon @param {string} label */
export function setIcon(button, icon, label) {
  const use = button.querySelector('use');
  if (use.getAttribute('href') !== `#icon-${icon}`) use.setAttribute('href', `#icon-${icon}`);
  if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label);
}

/** Says it to a screen reader. @param {string} text */
export function say(text) {
  byId('say').textContent = text;
}

/** Saves to disk. @param {string} url @param {string} name */
export function save(url, name) {
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
}
